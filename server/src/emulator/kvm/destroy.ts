// The end of a VM: when its descriptor, its vCPUs' and all its gmem files are closed.
import { type Flow, flow } from '../flow.ts';
import { zap } from './pieces.ts';
import { BOTH_HALVES } from './platform.ts';

/** Drops references of a VM; the last one destroys it. */
export const putKvm: Flow = flow({
  name: 'kvm_put_kvm',
  reference: 'virt/kvm/kvm_main.c',
  params: ['vm', 'references'],
  locals: { vm: 'number', references: 'number' },
  steps: {
    refcount_dec_and_test: {
      text: 'if (refcount_dec_and_test(&kvm->users_count)) kvm_destroy_vm(kvm)',
      run(f) {
        const left = f.machine.linux.vms.rows.count(f.vm, 'references', -f.references);
        if (left === 0) f.call(destroyVm, [f.vm]);
        else f.return(0);
      },
    },
  },
});

const destroyVm: Flow = flow({
  name: 'kvm_destroy_vm',
  reference: 'virt/kvm/kvm_main.c',
  params: ['vm'],
  locals: { vm: 'number' },
  steps: {
    kvm_arch_flush_shadow_all: {
      text: 'kvm_arch_flush_shadow_all(kvm); kvm_arch_destroy_vm(kvm)',
      run(f) {
        const { linux } = f.machine;
        const hook = linux.platformOf(f.vm).hooks.destroyVm;
        if (hook) f.call(hook, [f.vm]);
        else f.command(zap, [f.vm, 0, linux.vms.end, BOTH_HALVES]);
      },
    },
    kvm_free_memslots: {
      text: 'kvm_free_memslots(kvm, …); hardware_disable_all(); kvm_arch_free_vm(kvm)',
      run(f) {
        const { vms } = f.machine.linux;
        vms.eachSlot(f.vm, 0, vms.end, (slot) => vms.slots.set(slot, 'used', 0));
        vms.rows.set(f.vm, 'slots 0', 0);
        vms.rows.set(f.vm, 'slots 1', 0);
        vms.rows.set(f.vm, 'dead', 1);
      },
    },
  },
});
