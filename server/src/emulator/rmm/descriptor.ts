// The descriptor of an unprotected mapping, as the host writes it: output address, MemAttr in 4:2, S2AP in 7:6.
import { entryAddress, entryAttributes, HOST_ATTRIBUTES } from './rtt-entry.ts';

/** With LPA2 bits 51:50 of the address stand in bits 9:8 of the descriptor. */
const LPA2_LOW = 0x300;
const ADDRESS_50 = 2 ** 50;

const MEM_ATTR_MASK = 0x1c;
const MEM_ATTR_RESERVED = 0x10;

/** Address and attributes of a descriptor; bits that are the RMM's own are left in `other`. */
export function splitDescriptor(desc: number, lpa2: boolean): { address: number; attributes: number; other: number } {
  const low = desc % 4096;
  const extended = lpa2 ? (low & LPA2_LOW) >>> 8 : 0;
  return {
    address: desc - low + extended * ADDRESS_50,
    attributes: low & HOST_ATTRIBUTES,
    other: low & ~HOST_ATTRIBUTES & (lpa2 ? ~LPA2_LOW : ~0),
  };
}

/** Whether the host chose a memory type that exists: MemAttr 0b100 is reserved with FEAT_S2FWB. */
export const isValidAttribute = (attributes: number): boolean => (attributes & MEM_ATTR_MASK) !== MEM_ATTR_RESERVED;

/** The descriptor of an ASSIGNED_NS entry. */
export function descriptor(entry: number): number {
  const address = entryAddress(entry);
  const high = Math.floor(address / ADDRESS_50);
  return address - high * ADDRESS_50 + high * 0x100 + entryAttributes(entry);
}
