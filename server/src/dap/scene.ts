// What answers are made from, and what an answer is.
import type { Moment } from '../features/panel-model.ts';
import type { Debuggee } from './debuggee.ts';
import type { fieldsOf } from './request.ts';
import type { Counting } from './stack.ts';

/** The state of a session, as those see it who answer questions about it. */
export interface Scene {
  /** The scenario under the debugger; refuses the request if there is none. */
  debuggee(): Debuggee;
  /** How the client counts lines and columns. */
  counting(): Counting;
  /** Grows with every stop. */
  revision(): number;
  /** What panels are told where the session stands. */
  moment(): Moment;
  /** Breakpoints have changed: where the session stands, panels are told. */
  breakpointsChanged(): void;
}

export type Fields = ReturnType<typeof fieldsOf>;

/** The body of a response, and what is done once it is sent. */
export interface Answer {
  readonly body?: object;
  readonly after?: () => void;
}

export type Handler = (fields: Fields) => Answer | Promise<Answer>;
export type Handlers = Readonly<Record<string, Handler>>;
