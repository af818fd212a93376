// Which version of Linux and which platform a case is about, and which of them there are.
import { PROFILES } from '../../../server/src/emulator/index.ts';
import { PLATFORMS } from '../../../server/src/emulator/kvm/platforms.ts';
import type { Case } from './scenario-file.ts';

/** Model of each profile of the file. */
const MODELS: Readonly<Record<string, string>> = {
  'u6.8': 'linux/6.8',
  'u6.11': 'linux/6.11',
  'u6.16': 'linux/6.16',
  'u6.18': 'linux/6.18',
  'u7.0': 'linux/7.0',
  'u7.2': 'linux/7.2',
  'u-pkvm': 'linux/pkvm',
  'p.hooks1': 'linux/hooks-v1',
  'p.xgup': 'linux/xgup',
  'p.mte1': 'linux/mte-v1',
  'p.mte2': 'linux/mte-v2',
  'p.hugetlb2': 'linux/hugetlb-v2',
  'p.link2': 'linux/link-v2',
  'p.cca9': 'linux/cca-v9',
  'p.cca10': 'linux/cca-v10',
  'p.cca12': 'linux/cca-v12',
  'p.cca13': 'linux/cca-v13',
  'p.inplace8': 'linux/inplace-v8',
  'p.inplace8-modes': 'linux/inplace-v8-modes',
  'p.inplace9+': 'linux/inplace-v9',
};

/** The module parameter without which the kernel tracks attributes by VM, as the release does that the series is based on. */
export const hasInPlaceConversion = ({ steps }: Case): boolean =>
  steps.every(({ op, args }) => op !== 'set_param' || !OFF.has(String(args.gmem_in_place_conversion)));

const OFF: ReadonlySet<string> = new Set(['false', '0', 'N']);

/** The case is about large pages of a guest_memfd, which one series alone has. */
const needsLargePages = ({ steps }: Case) =>
  steps.some(({ op, args }) => op === 'temp_populate' && Number(args.folio_order ?? 0) > 0);

export function modelOf(one: Case): string {
  if (one.profile.startsWith('p.inplace') && !hasInPlaceConversion(one)) return 'linux/7.2';
  if (needsLargePages(one)) return 'linux/hugetlb-v2';
  return MODELS[one.profile] ?? one.profile;
}

/** VM types of the platforms that are more than KVM itself; a machine with realms is the arm64 one, for ordinary VMs too. */
const TYPES: Readonly<Record<string, string>> = {
  SNP: 'snp',
  TDX: 'tdx',
  REALM: 'cca',
  ARM_NORMAL: 'cca',
  ARM_PROTECTED: 'pkvm',
};
/** What the description of a platform says about it. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bSNP\b/, 'snp'],
  [/\bTDX\b/, 'tdx'],
  [/\b(CCA|arm64)\b/, 'cca'],
  [/pKVM/i, 'pkvm'],
  [/\bMTE\b/, 'mte'],
  [/exclusive/i, 'exclusive pins'],
];

/** The platforms that a case needs beside KVM itself. */
export function platformsOf({ platform, steps }: Case): readonly string[] {
  const types = steps.flatMap(({ op, args }) => (op === 'create_vm' ? [TYPES[String(args.type)] ?? ''] : []));
  const words = WORDS.filter(([word]) => word.test(platform)).map(([, name]) => name);
  return [...new Set([...types.filter((name) => name !== ''), ...words])];
}

/** Why a case cannot be run: its model or its platform has no rules. */
export function skipReason(one: Case): string | undefined {
  const model = modelOf(one);
  const lacking = platformsOf(one).find((name) => !PLATFORMS.some((platform) => platform.name === name));
  if (lacking !== undefined) return `platform ${lacking} has no rules yet`;
  if (PROFILES.some(({ name }) => name === model)) return undefined;
  return MODELS[one.profile] === undefined
    ? `profile ${one.profile} is not known`
    : `model "${model}" has no rules yet`;
}

/** What stands behind `platform` in the text. */
export function platformHeader(one: Case): string {
  const [platform] = platformsOf(one);
  if (platform !== undefined) return platform;
  const types = one.steps.filter(({ op }) => op === 'create_vm').map(({ args }) => args.type);
  return types.includes('SW_PROTECTED') ? 'sw-protected' : 'default';
}
