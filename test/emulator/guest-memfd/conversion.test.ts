// Conversion in place: what it needs, what it leaves, and who may stand in its way.
import { expect, test } from 'vitest';
import { kernel, kernelTranscript } from '../kernel-script.ts';

const same = (profile: string, text: string) => expect(kernelTranscript(kernel(profile), text)).toBe(text);

test('in-place conversion meets a pin, and converts after it is gone', () =>
  same(
    'linux/inplace-v8',
    `
vm := KVM_CREATE_VM(KVM_X86_SW_PROTECTED_VM) = 0
gm := KVM_CREATE_GUEST_MEMFD(vm, 64K, GUEST_MEMFD_FLAG_MMAP|GUEST_MEMFD_FLAG_INIT_SHARED) = 0
m := mmap(gm, 0 +: 64K, PROT_READ|PROT_WRITE, MAP_SHARED) = 0
KVM_SET_USER_MEMORY_REGION2(vm, slot=0, gpa=0x100000000, size=64K, gmem=gm[0]) = 0
memset(m[0 +: 64K], 0x5a) = 0x0 {done: 0x10000}
pin := pin_user_pages(m[8K +: 4K], FOLL_WRITE|FOLL_LONGTERM) = 0
KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 64K, KVM_MEMORY_ATTRIBUTE_PRIVATE) = -EAGAIN {error_offset: 0x2000}
? attr(gm[0]) = shared
? attr(gm[60K]) = shared
? mapped(m[0]) = no
? mapped(m[60K]) = no
read(m[8K]) = 0x5a5a5a5a5a5a5a5a
unpin_user_pages(pin) = 0
trace KVM_SET_MEMORY_ATTRIBUTES2(gm, 0 +: 64K, KVM_MEMORY_ATTRIBUTE_PRIVATE) = 0 | unmap_host refcheck refcheck refcheck refcheck refcheck refcheck refcheck refcheck refcheck refcheck refcheck refcheck refcheck refcheck refcheck refcheck inv_begin zap flush attr_store inv_end
? attr(gm[0]) = private
read(m[0]) = SIGBUS
`,
  ));
