// Taking guest memory out of the second stage, by the platform's own way where it has one.
import { type Flow, flow } from '../flow.ts';
import { zap } from './pieces.ts';

/** Unmaps [from, to) of a VM's guest frames in the halves asked for. */
export const unmapGfnRange: Flow = flow({
  name: 'kvm_unmap_gfn_range',
  reference: 'arch/x86/kvm/mmu/mmu.c; arch/arm64/kvm/mmu.c',
  params: ['vm', 'from', 'to', 'halves'],
  locals: { vm: 'number', from: 'number', to: 'number', halves: 'flag' },
  steps: {
    kvm_unmap_gfn_range: {
      text: 'unmap the range in the halves asked for',
      run(f) {
        const hook = f.machine.linux.platformOf(f.vm).hooks.unmap;
        if (hook) f.call(hook, [f.vm, f.from, f.to, f.halves]);
        else f.command(zap, [f.vm, f.from, f.to, f.halves]);
      },
    },
  },
});
