// A step of the kernel that waits while nobody else runs: the run says so where it hangs, and ends there.
import { expect, test } from 'vitest';
import { lock } from '../../server/src/emulator/guest-memfd/lock.ts';
import { analyse, finish, problemsOf } from '../../server/src/features/analysis.ts';

const SETUP = `scenario "waits"
model "linux/inplace-v8"
platform sw-protected
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM)
c0 := KVM_CREATE_VCPU(vm, 0)
gm := KVM_CREATE_GUEST_MEMFD(vm, 4K)
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=0x1_0000_0000, size=4K, gmem=gm[0])
`;

/** Another kernel thread, which the scenario has no actor for, takes the lock of the file before the statement on line 8. */
function held(lines: string) {
  const analysis = analyse('a.cocoscn', `${SETUP}${lines}\n`, () => ({ problem: 'there is no such file' }));
  const { run } = analysis;
  while (run.next && run.next.site.file.line(run.next.site.span.start) < 8) run.advance();
  expect(lock(run.machine, 1, 5)).toBe(true);
  finish(analysis);
  const problems = problemsOf(analysis).map(
    ({ code, severity, file, span, message, because }) =>
      `${file.line(span.start)}: ${severity} ${code} ${message}; ${because ?? ''}`,
  );
  return { run, problems };
}

test('a call of the VMM that waits for a lock', () => {
  const { run, problems } = held('fallocate(gm, FALLOC_FL_KEEP_SIZE, 0, 4K)\nexpect allocated(gm[0]) is no');
  expect(problems).toEqual([
    '8: error CCS305 fallocate never returns: kvm_gmem_allocate waits in filemap_invalidate_lock_shared; nobody else runs who could end the wait, and what follows is not run',
  ]);
  expect(run.finished).toBe(true);
  expect(
    run.machine.flows
      .stack(0)
      .map(({ flow, step }) => `${flow.name}: ${step}`)
      .at(-1),
  ).toBe('kvm_gmem_allocate: filemap_invalidate_lock_shared');
});

test('a fault of the guest that waits is told at what the guest does', () => {
  const { run, problems } = held('KVM_RUN(c0)\n  < read(0x1_0000_0000)\nclose(gm)');
  expect(problems).toEqual([
    '9: error CCS305 KVM_RUN never returns: kvm_gmem_get_pfn waits in kvm_gmem_get_file; nobody else runs who could end the wait, and what follows is not run',
  ]);
  const { reached } = run;
  run.seek(reached - 1);
  expect(run.finished).toBe(false);
  expect(run.advance()).toBe(true);
  expect([run.now, run.finished]).toEqual([reached, true]);
});
