// A host that fills a realm page by page, cannot take two pages back, and leaves one behind: what both panels over time are shown with.
import { analyse } from '../../server/src/features/analysis.ts';
import { MomentSource } from '../../server/src/features/moment.ts';
import { type RunView, viewOf } from '../../server/src/features/timeline-view.ts';
import { Stepper } from '../../server/src/run/index.ts';

export const PATH = '/samples/unwind.cocoscn';

export const SCENARIO = `scenario "A page that cannot be undelegated is left behind"
model    "rmm/1.0"
platform cca

let RD   = 0x8800_0000
let RTT0 = 0x8800_2000
let RTT2 = 0x8800_4000
let RTT3 = 0x8800_5000
let SRC  = 0x8820_0000
let DATA = 0x8810_0000
let IPA  = 0x8000_0000

def realm_with_tables(rd, ipa) {
  RMI_GRANULE_DELEGATE(rd)
  RMI_GRANULE_DELEGATE(rd + 8K +: 16K)
  RMI_REALM_CREATE(rd, {s2sz: 40, rtt_level_start: 1, rtt_num_start: 2, rtt_base: rd + 8K, hash_algo: RMI_HASH_SHA_256, vmid: 1})
  RMI_RTT_CREATE(rd, rd + 16K, ipa, 2)
  RMI_RTT_CREATE(rd, rd + 20K, ipa, 3)
  RMI_RTT_INIT_RIPAS(rd, ipa, ipa + 64K)
}
def give(rd, page, ipa) {
  RMI_GRANULE_DELEGATE(page)
  RMI_DATA_CREATE(rd, page, ipa, SRC, 0)
}
def take_back(rd, pages, ipa, length) {
  for off in 0 .. length step 4K {
    RMI_DATA_DESTROY(rd, ipa + off)
    RMI_GRANULE_UNDELEGATE(pages + off) = RMI_SUCCESS | RMI_ERROR_INPUT
  }
}

realm_with_tables(RD, IPA)
inject RMI_DATA_CREATE nth 10 = RMI_ERROR_INPUT
inject RMI_GRANULE_UNDELEGATE nth 6 = RMI_ERROR_INPUT

for off in 0 .. 36K step 4K {
  give(RD, DATA + off, IPA + off)
}
RMI_GRANULE_DELEGATE(DATA + 36K)
RMI_DATA_CREATE(RD, DATA + 36K, IPA + 36K, SRC, 0) = RMI_ERROR_INPUT
RMI_GRANULE_UNDELEGATE(DATA + 36K)
take_back(RD, DATA, IPA, 36K)
expect granule(DATA + 16K) is DELEGATED
write(DATA + 16K, 0x5a)                            = GPF
RMI_DATA_DESTROY(RD, IPA + 16K)                    = RMI_ERROR_RTT(3)
RMI_GRANULE_UNDELEGATE(DATA + 16K)
write(DATA + 16K, 0x5a)
`;

/** The same, but nobody expects that the page cannot be had back. */
export const UNEXPECTED: string = SCENARIO.replace(' = RMI_SUCCESS | RMI_ERROR_INPUT', '');

/** 40,001 steps, one of which fails in the middle. */
export const LONG = `scenario "long"
model "rmm/1.0"
platform cca

let P = 0x8800_0000
let Q = 0x8900_0000

def back_and_forth(page) {
  RMI_GRANULE_DELEGATE(page)
  RMI_GRANULE_UNDELEGATE(page)
}
for i in 0 .. 10000 {
  back_and_forth(P)
}
RMI_GRANULE_UNDELEGATE(Q) = RMI_ERROR_INPUT
for i in 0 .. 10000 {
  back_and_forth(P)
}
`;

/** A scenario at its end, and how to look at it from right after a step. */
export function ran(text: string): { readonly stepper: Stepper; at(step: number): RunView } {
  const { program, run } = analyse(PATH, text, () => ({ problem: 'nothing is included' }));
  if (program.problems.length > 0) throw new Error(program.problems.map(({ message }) => message).join('; '));
  const stepper = new Stepper(run);
  stepper.stopOnFailure = false;
  stepper.continue();
  const pathOf = () => PATH;
  const source = new MomentSource(stepper, { session: PATH, pathOf });
  return {
    stepper,
    at: (step) => {
      stepper.gotoStep(step);
      return viewOf(source, pathOf);
    },
  };
}
