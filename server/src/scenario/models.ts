// Which models and platforms a scenario may pin, and which of them this version runs.
import type { Header, Span, StringLit } from '../../../grammar/src/index.ts';
import { type AnyOperation, nearest, PROFILES, RMM_MODELS, type RmmModel } from '../emulator/index.ts';
import { did } from './expression.ts';
import type { Problems } from './problem.ts';
import type { SourceFile } from './source.ts';

export const DEFAULT_MODEL: RmmModel = 'rmm/1.0';

/** Models that scenarios in the field name and that have no rules here. */
const PLANNED = ['linux/pkvm', 'linux/xgup', 'linux/mte-v1', 'linux/mte-v2', 'snp/1.55', 'tdx/1.5'] as const;

const PLATFORMS = ['cca', 'sw-protected', 'default'] as const;
const PLANNED_PLATFORMS = ['snp', 'tdx', 'pkvm', 'mte'] as const;

const LINUX = PROFILES.map(({ name }) => name);
const KNOWN: readonly string[] = [...RMM_MODELS, ...LINUX];

/** The versions that a scenario pins. */
export interface Models {
  readonly rmm: RmmModel;
  /** The kernel; `undefined` for a scenario of firmware alone. */
  readonly linux: string | undefined;
  /** Those of the file in its order; the default one where it names none. */
  readonly names: readonly string[];
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
const isRmm = (name: string): name is RmmModel => (RMM_MODELS as readonly string[]).includes(name);

/** What the `model` headers pin; problems where they name something else, or one system twice. */
export function pinnedModels(headers: readonly Header[], file: SourceFile, problems: Problems): Models {
  const models = headers.flatMap((header) => (header.kind === 'model' ? header.values : []));
  let rmm: RmmModel | undefined;
  let linux: string | undefined;
  for (const model of models) {
    const name = model.value;
    const before = isRmm(name) ? rmm : LINUX.includes(name) ? linux : undefined;
    if (!KNOWN.includes(name)) refuseModel(model, file, problems);
    else if (before !== undefined && before !== name) {
      const what = isRmm(name) ? 'the RMM' : 'the kernel';
      problems.error('CCS601', file, model, `${what} is pinned twice: "${before}" and "${name}"`);
    } else if (isRmm(name)) rmm = name;
    else linux = name;
  }
  const pinned = models.map(({ value }) => value).filter((name) => name === rmm || name === linux);
  const names = pinned.length > 0 ? [...new Set(pinned)] : [DEFAULT_MODEL];
  return { rmm: rmm ?? DEFAULT_MODEL, linux, names };
}

function refuseModel(model: StringLit, file: SourceFile, problems: Problems): void {
  const name = model.value;
  if ((PLANNED as readonly string[]).includes(name)) {
    problems.error('CCS602', file, model, `model "${name}" has no rules yet; this version runs ${quoted(KNOWN)}`);
  } else {
    const near = nearest(name, [...KNOWN, ...PLANNED]).map((found) => `"${found}"`);
    problems.error('CCS601', file, model, `no model is called "${name}"${did(near) || `; there are ${quoted(KNOWN)}`}`);
  }
}

/** An operation that the pinned models do not have, at its name in a statement. */
export function checkModel(
  { name, since, models }: AnyOperation,
  { linux }: Models,
  file: SourceFile,
  span: Span,
  problems: Problems,
): void {
  if (!since.startsWith('linux/')) return;
  const having = models ?? LINUX.slice(LINUX.indexOf(since));
  const list = quoted(having.length > 4 ? [...having.slice(0, 3), `…`] : having);
  if (linux === undefined) {
    problems.error(
      'CCS603',
      file,
      span,
      `${name} is the kernel's, and no kernel is pinned; write model ${list.split(',')[0]}`,
    );
  } else if (models && !models.includes(linux)) {
    problems.error('CCS603', file, span, `"${linux}" has no ${name}; it is in ${list}`);
  }
}

/**
 * Platforms in `platform` and `needs`. A scenario may hold on several; it is run on those that there are, and what is left
 * out is said: a warning if one of the list is there, else an error.
 */
export function checkPlatforms(headers: readonly Header[], file: SourceFile, problems: Problems): readonly string[] {
  const found: string[] = [];
  for (const header of headers) {
    if (header.kind !== 'platform' && header.kind !== 'needs') continue;
    const there = header.values.filter(({ text }) => (PLATFORMS as readonly string[]).includes(text));
    found.push(...there.map(({ text }) => text));
    for (const name of header.values) {
      if (there.includes(name)) continue;
      if (!(PLANNED_PLATFORMS as readonly string[]).includes(name.text)) {
        const near = did(nearest(name.text, [...PLATFORMS, ...PLANNED_PLATFORMS]));
        problems.error('CCS604', file, name, `no platform is called ${name.text}${near}`);
      } else if (there.length > 0) {
        const [first] = there;
        problems.warning(
          'CCS602',
          file,
          name,
          `platform ${name.text} has no rules yet; this runs on ${first?.text} alone`,
        );
      } else {
        problems.error(
          'CCS602',
          file,
          name,
          `platform ${name.text} has no rules yet; this version runs ${PLATFORMS.join(', ')}`,
        );
      }
    }
  }
  return found;
}
