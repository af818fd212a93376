// Files of a scenario and places in them.
import { LineTable, type Span } from '../../../grammar/src/index.ts';

/** One file: the scenario itself or one that it includes. `path` is as the user would write it. */
export class SourceFile {
  readonly path: string;
  private written: string;
  private table: LineTable | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.written = text;
  }

  get text(): string {
    return this.written;
  }

  /** The text after an edit; places before it stay what they are. */
  edit(text: string): void {
    this.written = text;
    this.table = undefined;
  }

  /** Offsets to lines; made when first asked for. */
  get lines(): LineTable {
    this.table ??= new LineTable(this.text);
    return this.table;
  }

  /** The line of an offset, from 1. */
  line(offset: number): number {
    return this.lines.at(offset).line;
  }

  slice({ start, end }: Span): string {
    return this.text.slice(start, end);
  }
}

/** A place in a file; `caller` is where the sequence was called that it stands in. */
export interface Site {
  readonly file: SourceFile;
  readonly span: Span;
  readonly caller?: Caller;
}

export interface Caller {
  /** The name of the `def`. */
  readonly name: string;
  readonly site: Site;
}

/** Fetches an included file; the path is relative to the folder of the scenario. Only the edges know a file system. */
export type Resolver = (path: string) => { readonly text: string } | { readonly problem: string };
