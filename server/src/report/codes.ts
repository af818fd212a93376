// Every code that a problem may have: what it means, a smallest example, and how to mend it.
import { syntaxCodes } from '../../../grammar/src/index.ts';
import { LIMITS, MOST_PROBLEMS } from '../scenario/index.ts';

export interface CodePage {
  /** A few words. */
  readonly title: string;
  readonly meaning: string;
  /** The smallest scenario that has the problem, and no other. */
  readonly example: string;
  /** The same scenario without it. */
  readonly mended: string;
  readonly fix: string;
  /** Files that the example includes. */
  readonly includes?: Readonly<Record<string, string>>;
}

/** What the hundreds stand for. */
export const FAMILIES: Readonly<Record<string, string>> = {
  CCS1: 'Syntax',
  CCS2: 'Names, types and units',
  CCS3: 'Results of calls',
  CCS4: 'Expectations',
  CCS5: 'Invariants',
  CCS6: 'Models and platforms',
};

const DELEGATE = 'RMI_GRANULE_DELEGATE(0x8800_0000)';

/** The smallest realm that runs: a descriptor, a table, a REC and its 16 auxiliary granules. */
const RUNNING = `RMI_GRANULE_DELEGATE(0x8800_0000 +: 76K)
RMI_REALM_CREATE(0x8800_0000, {s2sz: 39, rtt_base: 0x8800_1000})
RMI_REC_CREATE(0x8800_0000, 0x8800_2000, {flags: runnable, aux: 0x8800_3000})
RMI_REALM_ACTIVATE(0x8800_0000)
RMI_REC_ENTER(0x8800_2000, {})`;

/** A page of a file that the kernel gives up, below what a header says of it. */
const leaks = (header: string) => `scenario "s"
model "linux/inplace-v8"
platform sw-protected
${header}
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
gm := KVM_CREATE_GUEST_MEMFD(vm, 4K, GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED)
fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 4K)
leak_page(gm[0])`;

/** A kernel without AS_INACCESSIBLE cuts a page of a guest off, below what a header says of it. */
const zeroes = (header: string) => `scenario "s"
model "linux/6.8"
platform sw-protected
${header}
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 4K)
user := mmap_anon(4K)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=0x1000, size=4K, hva=user, gmem=gm[0])
KVM_SET_MEMORY_ATTRIBUTES(vm, 0x1000 +: 4K, KVM_MEMORY_ATTRIBUTE_PRIVATE)
KVM_RUN(c0)
  < write(0x1000, 1)
truncate_inode_pages_range(gm, 0 +: 100)`;

const meaningCodes = {
  CCS200: {
    title: 'no such operation',
    meaning: 'The line calls something that is neither an operation nor a sequence of this file.',
    example: 'RMI_GRANULE_DELAGATE(0x8800_0000)',
    mended: DELEGATE,
    fix: 'Take one of the names that the message offers; operations are spelled as in the specification or the uapi.',
  },
  CCS201: {
    title: 'no such name',
    meaning: 'An expression uses a name that is not defined at this place, or a part of it that it does not have.',
    example: 'RMI_GRANULE_DELEGATE(DST)',
    mended: `let DST = 0x8800_0000\nRMI_GRANULE_DELEGATE(DST)`,
    fix: 'Define it above with `let`, or take one of the names that the message offers.',
  },
  CCS202: {
    title: 'wrong number of arguments',
    meaning: 'A call has arguments too many or too few, names a parameter that is not there, or names one twice.',
    example: 'RMI_GRANULE_DELEGATE()',
    mended: DELEGATE,
    fix: 'The message lists the parameters in their order.',
  },
  CCS203: {
    title: 'an address of another kind',
    meaning: 'An IPA stands where a physical address is wanted, or one kind of thing where another is wanted.',
    example: 'RMI_GRANULE_DELEGATE(ipa(0x8800_0000))',
    mended: 'RMI_GRANULE_DELEGATE(pa(0x8800_0000))',
    fix: 'Pass the other address. A name has the kind that it was first used as; `pa(x)` and `ipa(x)` say it outright.',
  },
  CCS204: {
    title: 'no value',
    meaning: 'A value cannot be computed, or is not of the sort that this place takes.',
    example: 'let X = 4K / 0',
    mended: 'let X = 4K / 2',
    fix: 'Values are whole numbers of 64 bits; the message says which operand is to blame.',
  },
  CCS205: {
    title: 'no range',
    meaning: 'A range is wanted, or its step or its bounds are not those of pages.',
    example: `for off in 64K {\n${DELEGATE}\n}`,
    mended: `for off in 0 .. 64K step 4K {\nRMI_GRANULE_DELEGATE(0x8800_0000 + off)\n}`,
    fix: 'Write `base .. end`, where the end is not part of it, or `base +: length`.',
  },
  CCS206: {
    title: 'defined twice',
    meaning: 'A name is defined a second time in the same block, or a sequence calls itself.',
    example: 'let A = 1\nlet A = 2',
    mended: 'let A = 1\nlet B = 2',
    fix: 'Give one of them another name. Sequences are unfolded where they are called, so they cannot recur.',
  },
  CCS207: {
    title: 'a result that cannot be',
    meaning: 'The operation never returns what stands after `=`, or `inject` has more than one result.',
    example: 'RMI_GRANULE_DELEGATE(0x8800_0000) = RMI_ERROR_RTT(2)',
    mended: 'RMI_GRANULE_DELEGATE(0x8800_0000) = RMI_SUCCESS',
    fix: 'Take one of the results that the message lists.',
  },
  CCS208: {
    title: 'a file that cannot be included',
    meaning:
      'An included file is not there, cannot be read, lies outside the folder of the scenario, or includes itself.',
    example: 'include "../realm.cocoscn"',
    mended: 'include "realm.cocoscn"',
    fix: 'Files are named relative to the file that includes them and lie below the folder of the scenario.',
    includes: { 'realm.cocoscn': 'let GPA = 0x8000_0000\n' },
  },
  CCS209: {
    title: 'more than a run may take',
    meaning: `A run has at most ${LIMITS.steps} steps, sequences unfold to at most ${LIMITS.instructions} statements, and ${MOST_PROBLEMS} statements that went wrong are listed.`,
    example: 'for i in 0 .. 1T {\nRMI_VERSION(0x1_0000)\n}',
    mended: 'for i in 0 .. 16 {\nRMI_VERSION(0x1_0000)\n}',
    fix: 'Make the loop shorter, or give it a `step`.',
  },
  CCS210: {
    title: 'no such view or state',
    meaning: 'An expectation asks for a view that is not there, or for a state that the view never answers.',
    example: 'expect granule(0x8800_0000) is DELEGTED',
    mended: 'expect granule(0x8800_0000) is UNDELEGATED',
    fix: 'Take one of the names that the message offers.',
  },
  CCS211: {
    title: 'no such field',
    meaning: 'An operation gives no output of this name, or a structure has no such field.',
    example: 'x := RMI_GRANULE_DELEGATE(0x8800_0000)',
    mended: DELEGATE,
    fix: 'The message lists what there is.',
  },
  CCS212: {
    title: 'a statement out of place',
    meaning:
      'A statement stands where it has no meaning: a call in an included file, a `>` line below a single command.',
    example: `${DELEGATE}\n  > RMI_VERSION(0x1_0000)`,
    mended: `${DELEGATE}\nRMI_VERSION(0x1_0000)`,
    fix: 'Move it to where the message says.',
  },
  CCS301: {
    title: 'another result',
    meaning:
      'A call did not return what the line says; without `=` it must succeed. A success where a failure is written is an error too.',
    example: `${DELEGATE}\n${DELEGATE}`,
    mended: `${DELEGATE}\nRMI_GRANULE_DELEGATE(0x8800_0000) = RMI_ERROR_INPUT`,
    fix: '`because` names the condition that failed, the state that made it fail and the step that left it so. Mend that step, or write the result that is right.',
  },
  CCS302: {
    title: 'another output',
    meaning: 'A call gave another value than the one in braces after its result.',
    example: 'RMI_VERSION(0x1_0000) = RMI_SUCCESS {lower: 0x2_0000}',
    mended: 'RMI_VERSION(0x1_0000) = RMI_SUCCESS {lower: 0x1_0000}',
    fix: 'Compare with the value in `actual`.',
  },
  CCS303: {
    title: 'a line that never ran',
    meaning:
      'The call ended before the guest came to this line: an earlier line made it exit, or work that was pending did.',
    example: `${RUNNING}\n  < PSCI_CPU_SUSPEND()\n  < WFI()`,
    mended: `${RUNNING}\n  < PSCI_CPU_SUSPEND()\nRMI_REC_ENTER(0x8800_2000, {})\n  < WFI()`,
    fix: 'Move the line below the next entry. An access that exited is done again there, before everything else.',
  },
  CCS304: {
    title: 'another command sent down',
    meaning:
      'The `>` lines below a call say which commands the kernel sends to the firmware, in their order; it sent another one, or one too many or too few.',
    example: 'scenario "s"\nmodel "linux/6.18"\nm := mmap_anon(4K)\n  > RMI_GRANULE_DELEGATE(*)',
    mended: 'scenario "s"\nmodel "linux/6.18"\nm := mmap_anon(4K)',
    fix: 'Compare with `actual`. `> ...` stands for any number of commands, `*` for any argument; a call without lines may send what it likes.',
  },
  CCS305: {
    title: 'a call that never returns',
    meaning:
      'A step of the kernel waits: for a lock, for an invalidation to end, for a memslot to be deleted. Whoever would end the wait is not in the run, so the call hangs, and what follows is not run.',
    example: '(no short scenario is known to hang: what a call takes it gives back before the next one)',
    mended: '(the same calls, each after the other has returned)',
    fix: 'The message names the function and the step that wait; the call stack at the end of the run shows how it got there. Take away what holds it, or report the file: one call after another should never wait.',
  },
  CCS401: {
    title: 'an expectation does not hold',
    meaning: 'The machine is in another state than `expect` says. On a range it must hold for every page.',
    example: 'expect granule(0x8800_0000) is DELEGATED',
    mended: `${DELEGATE}\nexpect granule(0x8800_0000) is DELEGATED`,
    fix: '`because` names the step that left the state as it is.',
  },
  CCS402: {
    title: 'nothing to expect of',
    meaning: 'The view has no answer for these arguments: the address is no memory, or no realm is there.',
    example: 'expect granule(0x0) is DELEGATED',
    mended: 'expect granule(0x8800_0000) is UNDELEGATED',
    fix: 'The message says what is missing.',
  },
  CCS403: {
    title: 'a fault that nobody met',
    meaning: 'An injected fault waited for a call that never came. This is a warning.',
    example: `inject RMI_GRANULE_DELEGATE nth 2 = RMI_ERROR_INPUT\n${DELEGATE}`,
    mended: `inject RMI_GRANULE_DELEGATE nth 1 = RMI_ERROR_INPUT\n${DELEGATE} = RMI_ERROR_INPUT`,
    fix: 'Calls are counted from 1, beginning with the first one behind the `inject` line.',
  },
  CCS404: {
    title: 'success where failure was expected',
    meaning: 'The file is marked `xfail`, and everything holds.',
    example: `scenario "s"\nxfail "the model is wrong here"\n${DELEGATE}`,
    mended: `scenario "s"\n${DELEGATE}`,
    fix: 'Take the `xfail` line out.',
  },
  CCS501: {
    title: 'an invariant is broken',
    meaning:
      'What must hold after every step does not hold any more: a granule with two owners, an entry of a table that nothing leads to, a page given out while firmware still owns it. The emulated kernel is wrong here, by one of the choices that `set_policy` offers or by a defect of the emulator.',
    example: zeroes(''),
    mended: zeroes('allow core_writes 1'),
    fix: 'Allow the invariant where breaking it is what the scenario shows; otherwise report the file: the trace up to this step says all.',
  },
  CCS502: {
    title: 'a page is leaked',
    meaning: 'The kernel gave up more pages for good than the file allows; without `allow leak` it is none.',
    example: leaks(''),
    mended: leaks('allow leak 1'),
    fix: 'Say `allow leak N` in the header where losing pages is what the scenario shows.',
  },
  CCS601: {
    title: 'no such model',
    meaning: 'The header pins a model that does not exist, or two that exclude each other.',
    example: 'scenario "s"\nmodel "rmm/1.O"',
    mended: 'scenario "s"\nmodel "rmm/1.0"',
    fix: 'Take one of the models that the message offers.',
  },
  CCS602: {
    title: 'a model without rules',
    meaning: 'The model or platform is known, and this version cannot run it yet.',
    example: 'scenario "s"\nmodel "tdx/1.5"',
    mended: 'scenario "s"\nmodel "rmm/1.0"',
    fix: 'Pin a model that runs; the message lists them.',
  },
  CCS603: {
    title: 'not in this kernel',
    meaning: 'An operation of the kernel is called, and the pinned kernel does not have it, or none is pinned.',
    example: 'm := mmap_anon(4K)',
    mended: 'scenario "s"\nmodel "linux/6.18"\nm := mmap_anon(4K)',
    fix: 'Pin a kernel that has it; the message lists the first ones.',
  },
  CCS604: {
    title: 'not on this platform',
    meaning: 'The header asks for something that the pinned model or platform does not have.',
    example: 'scenario "s"\ngranule 64K',
    mended: 'scenario "s"\ngranule 4K',
    fix: 'The message says what there is.',
  },
  CCS605: {
    title: 'not yet',
    meaning:
      'The statement is part of the language and is read, but this version does not run it. It is never ignored.',
    example: `actor a {\n${DELEGATE}\n}`,
    mended: DELEGATE,
    fix: 'Write the one order that you mean from top to bottom.',
  },
} as const satisfies Record<string, CodePage>;

/** By code, in order. A syntax error's title is its meaning. */
export const CODES: ReadonlyMap<string, CodePage> = new Map<string, CodePage>([
  ...Object.entries(syntaxCodes).map(([code, page]) => [code, { ...page, title: titleOf(page.meaning) }] as const),
  ...Object.entries(meaningCodes),
]);

function titleOf(meaning: string): string {
  const text = meaning.replace(/\.$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
