// The places where each name stands, collected while a scenario is compiled.
import type { Name } from '../../../grammar/src/index.ts';
import type { NameInfo } from './program.ts';
import type { SourceFile } from './source.ts';
import type { Trail } from './trail.ts';
import type { Value } from './value.ts';

/** Names by definition: a `def` that is called twice defines its inner names once. */
export class Names {
  private readonly infos = new Map<Name, { readonly info: NameInfo; times: number }>();
  private readonly trail: Trail;
  /** In order, until there are others. */
  private sorted: NameInfo[] | undefined;

  constructor(trail: Trail) {
    this.trail = trail;
  }

  define(kind: NameInfo['kind'], file: SourceFile, name: Name, text: string, value?: Value): NameInfo {
    const known = this.infos.get(name);
    const info = known?.info ?? { name: name.text, kind, file, definition: name, text, value, references: [] };
    const entry = known ?? { info, times: 0 };
    entry.times++;
    this.sorted = undefined;
    this.infos.set(name, entry);
    this.trail.did(() => {
      if (--entry.times === 0) this.infos.delete(name);
      this.sorted = undefined;
    });
    return info;
  }

  /** In the order of their files, and of their definitions there. */
  all(files: readonly SourceFile[]): readonly NameInfo[] {
    const rank = new Map(files.map((file, i) => [file, i]));
    const order = (a: NameInfo, b: NameInfo) =>
      (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) || a.definition.start - b.definition.start;
    this.sorted ??= [...this.infos.values()].map(({ info }) => info).sort(order);
    return this.sorted;
  }
}
