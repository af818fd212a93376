// The places where each name stands, collected while a scenario is compiled.
import type { Name } from '../../../grammar/src/index.ts';
import type { NameInfo } from './program.ts';
import type { SourceFile } from './source.ts';
import type { Trail } from './trail.ts';
import type { Value } from './value.ts';

/** Names by definition: a `def` that is called twice defines its inner names once. */
export class Names {
  private readonly infos = new Map<string, NameInfo>();
  private readonly trail: Trail;

  constructor(trail: Trail) {
    this.trail = trail;
  }

  define(kind: NameInfo['kind'], file: SourceFile, name: Name, text: string, value?: Value): NameInfo {
    const key = `${file.path}:${name.start}`;
    const known = this.infos.get(key);
    if (known) return known;
    const info: NameInfo = { name: name.text, kind, file, definition: name, text, value, references: [] };
    this.infos.set(key, info);
    this.trail.did(() => this.infos.delete(key));
    return info;
  }

  get all(): NameInfo[] {
    return [...this.infos.values()];
  }
}
