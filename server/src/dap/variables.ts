// The numbers under which a client asks for variables, until the next stop.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Branch, Variable } from '../features/variables.ts';

/** Which of the numbered children are wanted; a count of 0 means all. */
interface Range {
  readonly start: number;
  readonly count: number;
}

export class Handles {
  private readonly branches: Branch[] = [];

  /** What a client still asks about an earlier stop has no answer. */
  clear(): void {
    this.branches.length = 0;
  }

  scope({ name, value, branch, hint }: Variable & { readonly hint?: string }): DebugProtocol.Scope {
    const reference = branch ? this.reference(branch) : 0;
    const title = value === '' ? name : `${name}: ${value}`;
    return {
      name: title,
      variablesReference: reference,
      expensive: false,
      ...counts(branch),
      ...(hint && { presentationHint: hint }),
    };
  }

  variables(reference: number, { start, count }: Range): DebugProtocol.Variable[] | undefined {
    const branch = this.branches[reference - 1];
    if (!branch) return undefined;
    const all = branch.indexed ?? Number.POSITIVE_INFINITY;
    return branch.children(start, count === 0 ? all : count).map((variable) => this.variable(variable));
  }

  /** One of the children under a reference; `undefined` where there is none of that name. */
  child(reference: number, name: string): Variable | undefined {
    const branch = this.branches[reference - 1];
    return branch?.children(0, branch.indexed ?? Number.POSITIVE_INFINITY).find((one) => one.name === name);
  }

  private variable({ name, value, branch, expression }: Variable): DebugProtocol.Variable {
    return {
      name,
      value,
      variablesReference: branch ? this.reference(branch) : 0,
      presentationHint: { attributes: ['readOnly'] },
      ...counts(branch),
      ...(expression !== undefined && { evaluateName: expression }),
    };
  }

  private reference(branch: Branch): number {
    return this.branches.push(branch);
  }
}

const counts = (branch: Branch | undefined) =>
  branch?.indexed === undefined ? {} : { indexedVariables: branch.indexed };
