// How many lines a second become a syntax tree: text to tree, warm, on a file of 10,000 lines.

import { parse } from '../../grammar/src/index.ts';
import { type Figure, seconds } from './figure.ts';

const LINES = 10_000;
const WARM_UP = 20;
const TARGET = 200_000;

const HEAD = `// SPDX-License-Identifier: GPL-2.0
// One measured page is copied in before the realm runs, one is faulted in afterwards.
scenario "CCA: populate measured pages, fault in unmeasured ones, run"
model    "linux/cca-v9", "rmm/1.0"
platform cca
page     4K

let GPA = 0x8000_0000
let IMG = GPA +: 4K

`;

/** What one page goes through, as the samples write it; `n` makes every part different. */
function part(n: number): string {
  const offset = `${n * 4}K`;
  return `// page ${n}: copied in, measured, then converted
vm${n}  := KVM_CREATE_VM(KVM_VM_TYPE_ARM_REALM, ipa_bits=40)
gm${n}  := KVM_CREATE_GUEST_MEMFD(vm${n}, size=2M)
KVM_SET_USER_MEMORY_REGION2(vm${n}, slot=0, gpa=GPA, size=2M, hva=src, gmem=gm${n}[0])
write(src[${offset}], 0x14000000)

KVM_CAP_ARM_RME_POPULATE_REALM(vm${n}, IMG, KVM_ARM_RME_POPULATE_FLAGS_MEASURE)
  > RMI_GRANULE_DELEGATE(pa(gm${n}[${offset}]))                        = RMI_SUCCESS
  > RMI_DATA_CREATE(rd(vm${n}), pa(gm${n}[0]), GPA, pa(src[0]), RMI_MEASURE_CONTENT) = RMI_ERROR_RTT(2)
  > ...                                                    // the level 3 table is made, then it is tried again
expect granule(pa(gm${n}[0])) is DATA
expect ripas(vm${n}, IMG)     is RAM
for off in 0 .. 64K step 4K {
	write(m[off], 0x5a)
}

KVM_SET_MEMORY_ATTRIBUTES2(gm${n}, 0 +: 64K, KVM_MEMORY_ATTRIBUTE_PRIVATE) = -EAGAIN {error_offset: 8K}
inject RMI_GRANULE_UNDELEGATE nth 6  = RMI_ERROR_INPUT
`;
}

/** A scenario of 10,000 lines in the proportions of the samples: calls, conversations, expectations, comments, blank lines. */
function longScenario(): string {
  let text = HEAD;
  for (let n = 0, lines = HEAD.split('\n').length; lines < LINES; n++) {
    const more = part(n);
    text += more;
    lines += more.split('\n').length - 1;
  }
  return `${text
    .split('\n')
    .slice(0, LINES - 1)
    .join('\n')}\n`;
}

export async function measure(): Promise<Figure[]> {
  const text = longScenario();
  for (let i = 0; i < WARM_UP; i++) parse(text);
  const value = Math.round(LINES / seconds(() => parse(text)));
  return [{ name: 'parse, text to syntax tree, 10,000-line file, warm', value, unit: 'lines/s', target: TARGET }];
}
