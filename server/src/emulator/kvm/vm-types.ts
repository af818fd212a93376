// The `type` argument of KVM_CREATE_VM.

export const KVM_X86_DEFAULT_VM = 0;
export const KVM_X86_SW_PROTECTED_VM = 1;
export const KVM_X86_SNP_VM = 4;
export const KVM_X86_TDX_VM = 5;
/** Bit 8 above the IPA size, as in the CCA host series. */
export const KVM_VM_TYPE_ARM_REALM = 0x100;
export const KVM_VM_TYPE_ARM_PROTECTED = 0x8000_0000;

/** All names; on arm64 the low byte is the IPA size. */
export const VM_TYPES: Readonly<Record<string, number>> = {
  KVM_X86_DEFAULT_VM,
  KVM_X86_SW_PROTECTED_VM,
  KVM_X86_SEV_VM: 2,
  KVM_X86_SEV_ES_VM: 3,
  KVM_X86_SNP_VM,
  KVM_X86_TDX_VM,
  KVM_VM_TYPE_ARM_NORMAL: 0,
  KVM_VM_TYPE_ARM_REALM,
  KVM_VM_TYPE_ARM_PROTECTED,
};
