// What stands between KVM_RUN and the first entry of a realm's vCPU: a REC, and in later series everything else too.
import { ERRNO } from '../errno.ts';
import { type Flow, flow } from '../flow.ts';
import type { Machine } from '../machine.ts';
import { activateRealm, createRealm } from './create.ts';
import {
  REALM_STATE_ACTIVE,
  REALM_STATE_DEAD,
  REALM_STATE_NEW,
  REALM_STATE_NONE,
  realmState,
  setRealmState,
  vmOf,
} from './host.ts';
import { createRec } from './rec.ts';
import { initIpaState } from './ripas.ts';

/** The part of a guest_memfd slot at or behind `from` that the realm begins with as RAM, in guest frames. */
function nextProtected({ linux }: Machine, vm: number, from: number): { from: number; to: number } | undefined {
  const { vms, gmem } = linux;
  let found: { from: number; to: number } | undefined;
  vms.eachSlot(vm, from, vms.end, (slot, begin, end) => {
    const file = vms.slots.get(slot, 'file');
    if (file === 0 || found) return;
    if (!gmem.hasAttributes) {
      found = { from: begin, to: end };
      return;
    }
    const attributes = gmem.inodes.get(gmem.files.get(file, 'inode'), 'attributes');
    const offset = vms.indexOf(slot, 0);
    const part = gmem.ranges.find(attributes, begin + offset, end + offset, (value) => value !== 0);
    if (part) found = { from: Math.max(begin, part.from - offset), to: Math.min(end, part.to - offset) };
  });
  return found;
}

/** The first vCPU of a VM behind `after` that has no REC yet; 0 if there is none. */
function nextWithoutRec({ linux: { vms }, cca }: Machine, vm: number, after: number): number {
  for (let vcpu = after + 1; vcpu <= vms.vcpus.last; vcpu++) {
    if (vms.vcpus.get(vcpu, 'vm') === vm && cca.recs.get(vcpu, 'rec') === 0) return vcpu;
  }
  return 0;
}

/** The first KVM_RUN of the later series: makes what is missing and activates the realm; a failure leaves it dead. */
const activateOnFirstRun: Flow = flow({
  name: 'kvm_activate_realm',
  reference: 'arch/arm64/kvm/rmi.c, CCA host series v12 and v13',
  params: ['vm'],
  locals: { vm: 'number', vcpu: 'number', at: 'number', state: 'number' },
  steps: {
    realm_ensure_created: {
      text: 'if (kvm_realm_state(kvm) >= REALM_STATE_ACTIVE) return 0; ret = realm_ensure_created(kvm)',
      run(f) {
        f.state = realmState(f.machine, f.vm);
        if (f.state >= REALM_STATE_ACTIVE) return f.return(0);
        if (f.state === REALM_STATE_NONE) f.call(createRealm, [f.vm]);
        else f.goto('dead');
      },
    },
    created: {
      text: 'if (ret) return ret',
      run(f) {
        if (f.result !== 0) f.return(f.result);
      },
    },
    dead: {
      text: 'mark state as dead in case we fail: WRITE_ONCE(realm->state, REALM_STATE_DEAD)',
      run: (f) => setRealmState(f.machine, f.vm, REALM_STATE_DEAD),
    },
    kvm_create_rec: {
      text: 'kvm_for_each_vcpu(i, vcpu, kvm) ret = kvm_create_rec(vcpu)',
      run(f) {
        f.vcpu = nextWithoutRec(f.machine, f.vm, f.vcpu);
        if (f.vcpu === 0) f.goto('set_ripas_of_protected_regions');
        else f.call(createRec, [f.vcpu]);
      },
    },
    rec_created: {
      text: 'if (ret) return ret',
      run(f) {
        if (f.result !== 0) f.return(f.result);
        else f.goto('kvm_create_rec');
      },
    },
    set_ripas_of_protected_regions: {
      text: 'ret = set_ripas_of_protected_regions(kvm): realm_init_ipa_state for every memslot with a guest_memfd',
      run(f) {
        const part = nextProtected(f.machine, f.vm, f.at);
        if (!part) return f.goto('rmi_realm_activate');
        const { pageSize } = f.machine.linux;
        f.at = part.to;
        f.call(initIpaState, [f.vm, part.from * pageSize, part.to * pageSize, 1]);
      },
    },
    ripas_set: {
      text: 'if (ret) return ret',
      run(f) {
        if (f.result !== 0) f.return(f.result);
        else f.goto('set_ripas_of_protected_regions');
      },
    },
    rmi_realm_activate: {
      text: 'ret = rmi_realm_activate(virt_to_phys(realm->rd))',
      run: (f) => f.call(activateRealm, [f.vm]),
    },
    activated: {
      text: 'if (ret) return -ENXIO; WRITE_ONCE(realm->state, REALM_STATE_ACTIVE); return 0',
      run(f) {
        if (f.result === 0) setRealmState(f.machine, f.vm, REALM_STATE_ACTIVE);
        f.return(f.result);
      },
    },
  },
});

/** The platform's `run` hook. */
export const runGate: Flow = flow({
  name: 'kvm_arch_vcpu_run_pid_change',
  reference: 'arch/arm64/kvm/arm.c, CCA host series',
  params: ['vcpu'],
  locals: { vcpu: 'number', vm: 'number', locked: 'flag' },
  steps: {
    kvm_arm_vcpu_is_finalized: {
      text: 'if (!kvm_arm_vcpu_is_finalized(vcpu)) return -EPERM; v12 and later: if (kvm_realm_state(kvm) < REALM_STATE_ACTIVE)',
      run(f) {
        f.vm = vmOf(f.machine, f.vcpu);
        const { cca, linux } = f.machine;
        if (linux.profile.cca === 'v9') return f.return(cca.recs.get(f.vcpu, 'rec') === 0 ? -ERRNO.EPERM : 0);
        if (realmState(f.machine, f.vm) >= REALM_STATE_ACTIVE) f.goto('activated');
      },
    },
    kvm_activate_realm: {
      text: 'guard(mutex)(&kvm->arch.config_lock); ret = kvm_activate_realm(kvm)',
      run(f) {
        const { cca } = f.machine;
        if (cca.realms.get(f.vm, 'config lock') !== 0) return f.wait();
        cca.realms.set(f.vm, 'config lock', f.actor + 1);
        f.locked = 1;
        f.call(activateOnFirstRun, [f.vm]);
      },
    },
    activated: {
      text: 'if (ret) return ret; if (kvm_realm_state(kvm) != REALM_STATE_ACTIVE) return -EINVAL',
      run(f) {
        if (f.locked === 1) f.machine.cca.realms.set(f.vm, 'config lock', 0);
        const isActive = realmState(f.machine, f.vm) === REALM_STATE_ACTIVE;
        const hasRec = f.machine.cca.recs.get(f.vcpu, 'rec') !== 0;
        f.return(f.result !== 0 ? f.result : isActive && hasRec ? 0 : -ERRNO.EINVAL);
      },
    },
  },
});

/** v12 and later: populate makes the realm first. 0, -ENXIO for a dead realm, -EBUSY for one that ran. */
export const ensureCreated: Flow = flow({
  name: 'realm_ensure_created',
  reference: 'arch/arm64/kvm/rmi.c, CCA host series v12 and v13',
  params: ['vm'],
  locals: { vm: 'number' },
  steps: {
    kvm_realm_state: {
      text: 'switch (kvm_realm_state(kvm)): NONE: create it; NEW: return 0; DEAD: return -ENXIO; default: return -EBUSY',
      run(f) {
        switch (realmState(f.machine, f.vm)) {
          case REALM_STATE_NONE:
            return f.call(createRealm, [f.vm]);
          case REALM_STATE_NEW:
            return f.return(0);
          case REALM_STATE_DEAD:
            return f.return(-ERRNO.ENXIO);
          default:
            return f.return(-ERRNO.EBUSY);
        }
      },
    },
    out: { text: 'return ret', run: (f) => f.return(f.result) },
  },
});
