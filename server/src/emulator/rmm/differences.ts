// Where the specification and TF-RMM differ, or where one of them had to be chosen: the one table of it. RMM 1.0-rel0
// against the tag rmm-spec-v1.0-rel0 of TF-RMM with the later corrections that its authors made.

export interface Difference {
  readonly number: number;
  readonly topic: string;
  /** What the model `rmm/1.0` does. */
  readonly spec: string;
  /** What the model `rmm/1.0-tf` does. */
  readonly tf: string;
  readonly reason: string;
  /** Operations concerned. */
  readonly operations: readonly string[];
}

export const DIFFERENCES: readonly Difference[] = [
  {
    number: 1,
    topic: 'alignment of rtt_base',
    spec: 'RMI_ERROR_INPUT (rtt_align) unless it is a multiple of rtt_num_start * 4 KiB',
    tf: 'not checked',
    reason: 'TF-RMM checks it from v0.8.0',
    operations: ['RMI_REALM_CREATE'],
  },
  {
    number: 2,
    topic: 'top for an address inside a live block',
    spec: 'the address itself',
    tf: 'the address itself',
    reason: 'the formula of the specification rounds down, its outcome table does not',
    operations: ['RMI_DATA_DESTROY', 'RMI_RTT_DESTROY', 'RMI_RTT_UNMAP_UNPROTECTED'],
  },
  {
    number: 3,
    topic: 'inject_sea although the last exit was no data abort at an unprotected IPA',
    spec: 'ignored',
    tf: 'RMI_ERROR_REC',
    reason: 'the specification lists no such failure',
    operations: ['RMI_REC_ENTER'],
  },
  {
    number: 4,
    topic: 'registers of a REC that PSCI_CPU_ON turns on',
    spec: 'all but X0 become 0',
    tf: 'all but X0 stay',
    reason: 'only the realm can see it',
    operations: ['RMI_PSCI_COMPLETE'],
  },
  {
    number: 5,
    topic: 'PSCI_DENIED although the target is on',
    spec: 'RMI_ERROR_INPUT, nothing changes',
    tf: 'RMI_ERROR_INPUT, and the request is completed with ALREADY_ON all the same',
    reason: 'TF-RMM completes before it judges the status',
    operations: ['RMI_PSCI_COMPLETE'],
  },
  {
    number: 6,
    topic: 'level in the error for a table at level 1 that does not fold',
    spec: 'RMI_ERROR_RTT(level)',
    tf: 'RMI_ERROR_RTT(level - 1) if the table is full, or holds blocks of 1 GiB that would fold',
    reason: 'TF-RMM reports the entry that cannot be a block',
    operations: ['RMI_RTT_FOLD'],
  },
  {
    number: 8,
    topic: 'base that is not aligned to 4 KiB',
    spec: 'RMI_ERROR_RTT(walk level)',
    tf: 'RMI_ERROR_INPUT',
    reason: 'TF-RMM validates the address before it walks',
    operations: ['RMI_RTT_INIT_RIPAS'],
  },
  {
    number: 9,
    topic: 'UNASSIGNED_DESTROYED in the range',
    spec: 'becomes RAM',
    tf: 'stops there; RMI_ERROR_RTT(walk level) if it is the first entry',
    reason: 'TF-RMM accepts EMPTY and RAM only',
    operations: ['RMI_RTT_INIT_RIPAS'],
  },
  {
    number: 11,
    topic: 'a range that no entry lies in, where the RIPAS is already as requested',
    spec: 'RMI_ERROR_RTT(walk level)',
    tf: 'RMI_ERROR_RTT(walk level)',
    reason: 'the specification would succeed, with an out_top that can lie below base',
    operations: ['RMI_RTT_SET_RIPAS'],
  },
  {
    number: 12,
    topic: 'a level above the start level of the realm',
    spec: 'RMI_ERROR_INPUT',
    tf: 'RMI_ERROR_INPUT',
    reason: 'TF-RMM runs into an assertion',
    operations: ['RMI_RTT_MAP_UNPROTECTED', 'RMI_RTT_UNMAP_UNPROTECTED'],
  },
  {
    number: 13,
    topic: 'what is hashed of a value shorter than 64 bytes',
    spec: 'the bytes of the value',
    tf: 'the bytes of the value',
    reason: 'the wording of the specification can be read as 64 bytes, padded with zeros',
    operations: ['RSI_MEASUREMENT_EXTEND'],
  },
  {
    number: 14,
    topic: 'an access beyond the IPA space',
    spec: 'SEA taken to the realm',
    tf: 'SEA taken to the realm',
    reason:
      'on hardware stage 1 raises an address size fault before; both stay inside the realm. TF-RMM judges bits 51:12 of the address, as HPFAR_EL2 holds them',
    operations: ['read', 'write', 'fetch'],
  },
  {
    number: 16,
    topic: 'reserved bits of flags',
    spec: 'RMI_ERROR_INPUT',
    tf: 'RMI_ERROR_INPUT',
    reason: 'the specification says that they should be zero and promises no check',
    operations: ['RMI_DATA_CREATE'],
  },
  {
    number: 20,
    topic: 'contents of a granule that was DELEGATED',
    spec: 'zero',
    tf: 'zero',
    reason: 'the specification promises that the old contents are gone, not what is there',
    operations: ['RMI_GRANULE_DELEGATE', 'RMI_DATA_CREATE_UNKNOWN'],
  },
  {
    number: 21,
    topic: 'a realm that is not NEW together with a bad ipa',
    spec: 'RMI_ERROR_REALM',
    tf: 'RMI_ERROR_REALM',
    reason: 'the specification leaves the order free',
    operations: ['RMI_DATA_CREATE'],
  },
  {
    number: 22,
    topic: 'a calling REC that is running',
    spec: 'not checked: such a REC cannot have a request pending',
    tf: 'RMI_ERROR_INPUT (calling_running)',
    reason: 'TF-RMM looks at the reference count of the REC first; the status is the same',
    operations: ['RMI_PSCI_COMPLETE'],
  },
  {
    number: 23,
    topic: 'a page whose RIPAS is EMPTY as the argument',
    spec: 'RSI_ERROR_INPUT',
    tf: 'RSI_ERROR_INPUT',
    reason: 'the specification does not list it; there is no host that could supply the page',
    operations: ['RSI_HOST_CALL', 'RSI_REALM_CONFIG'],
  },
  {
    number: 24,
    topic: 'PSCI_CPU_ON for a REC that is on',
    spec: 'PSCI_ALREADY_ON at once',
    tf: 'only for the calling REC itself; otherwise the host completes the request and then it is PSCI_ALREADY_ON',
    reason: 'TF-RMM looks at the target when the host names it',
    operations: ['PSCI_CPU_ON'],
  },
  {
    number: 25,
    topic: 'PSCI_FEATURES of PSCI_VERSION',
    spec: 'PSCI_SUCCESS',
    tf: 'PSCI_NOT_SUPPORTED',
    reason: 'TF-RMM has the function and does not list it',
    operations: ['PSCI_FEATURES'],
  },
  {
    number: 26,
    topic: 'imm in the exit',
    spec: 'the lower 16 bits of the field',
    tf: 'the lower 32 bits of the field',
    reason: 'TF-RMM declares the field wider; a realm that writes 16 bits sees no difference',
    operations: ['RSI_HOST_CALL'],
  },
  {
    number: 27,
    topic: 'hpfar of the exit for a page that is not there',
    spec: 'bits 3:0 are zero',
    tf: 'bits 3:0 are bits 11:8 of the address',
    reason: 'TF-RMM shifts the address without masking it',
    operations: ['RSI_HOST_CALL', 'RMI_REC_ENTER'],
  },
  {
    number: 28,
    topic: 'num_aux above 2^32',
    spec: 'RMI_ERROR_INPUT before the state of the realm is looked at',
    tf: 'only the lower 32 bits are looked at',
    reason: 'TF-RMM reads the field as 32 bits',
    operations: ['RMI_REC_CREATE'],
  },
  {
    number: 29,
    topic: 'the rest of the page',
    spec: 'zero',
    tf: 'stays as it was',
    reason: 'TF-RMM writes the fields only',
    operations: ['RSI_REALM_CONFIG'],
  },
];

/** The rows that concern an operation, a line each. */
export function differencesOf(operation: string): string[] {
  return DIFFERENCES.filter(({ operations }) => operations.includes(operation)).map(({ topic, spec, tf, reason }) =>
    spec === tf ? `${topic}: ${spec} (${reason})` : `${topic}: rmm/1.0: ${spec}; rmm/1.0-tf: ${tf} (${reason})`,
  );
}
