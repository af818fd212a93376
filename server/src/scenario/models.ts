// Which models a scenario may pin, and which of them this version runs.
import type { Header, StringLit } from '../../../grammar/src/index.ts';
import { nearest, RMM_MODELS, type RmmModel } from '../emulator/index.ts';
import { did } from './expression.ts';
import type { Problems } from './problem.ts';
import type { SourceFile } from './source.ts';

export const DEFAULT_MODEL: RmmModel = 'rmm/1.0';

/** Models that scenarios in the field name and that have no rules here. */
const PLANNED = [
  'linux/6.18',
  'linux/cca-v9',
  'linux/cca-v12',
  'linux/cca-v13',
  'linux/inplace-v8',
  'linux/pkvm',
  'snp/1.55',
  'tdx/1.5',
] as const;

const PLATFORMS = ['cca'] as const;
const PLANNED_PLATFORMS = ['snp', 'tdx', 'pkvm', 'sw-protected'] as const;

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
const isRmm = (name: string): name is RmmModel => (RMM_MODELS as readonly string[]).includes(name);

/** The RMM that the `model` headers pin; problems where they name something else. */
export function pinnedRmm(headers: readonly Header[], file: SourceFile, problems: Problems): RmmModel {
  const models = headers.flatMap((header) => (header.kind === 'model' ? header.values : []));
  let pinned: RmmModel | undefined;
  for (const model of models) {
    if (!isRmm(model.value)) refuseModel(model, file, problems);
    else if (pinned !== undefined && pinned !== model.value) {
      problems.error('CCS601', file, model, `the RMM is pinned twice: "${pinned}" and "${model.value}"`);
    } else pinned = model.value;
  }
  return pinned ?? DEFAULT_MODEL;
}

function refuseModel(model: StringLit, file: SourceFile, problems: Problems): void {
  const name = model.value;
  if ((PLANNED as readonly string[]).includes(name) || name.startsWith('linux/')) {
    problems.error('CCS602', file, model, `model "${name}" has no rules yet; this version runs ${quoted(RMM_MODELS)}`);
  } else {
    const near = nearest(name, [...RMM_MODELS, ...PLANNED]).map((found) => `"${found}"`);
    problems.error(
      'CCS601',
      file,
      model,
      `no model is called "${name}"${did(near) || `; there are ${quoted(RMM_MODELS)}`}`,
    );
  }
}

/** Platforms in `platform` and `needs`. */
export function checkPlatforms(headers: readonly Header[], file: SourceFile, problems: Problems): void {
  for (const header of headers) {
    if (header.kind !== 'platform' && header.kind !== 'needs') continue;
    for (const name of header.values) {
      if ((PLATFORMS as readonly string[]).includes(name.text)) continue;
      const planned = (PLANNED_PLATFORMS as readonly string[]).includes(name.text);
      const near = did(nearest(name.text, [...PLATFORMS, ...PLANNED_PLATFORMS]));
      problems.error(
        planned ? 'CCS602' : 'CCS604',
        file,
        name,
        planned
          ? `platform ${name.text} has no rules yet; this version runs cca`
          : `no platform is called ${name.text}${near}`,
      );
    }
  }
}
