// What an access of a realm does now, by the entry of its translation tables that it ends at.
import { entryState } from '../emulator/rmm/rtt-entry.ts';

export interface Access {
  readonly outcome: string;
  readonly ok: boolean;
}

/** What a load or store of the realm does that ends at an entry. RMM 1.0, A5.2, A5.4. */
export function accessOf(entry: number, gpt: string): Access {
  switch (entryState(entry)) {
    case 'ASSIGNED_RAM':
      return { outcome: 'works', ok: true };
    case 'ASSIGNED_NS':
      return gpt === 'NS'
        ? { outcome: 'works on the memory of the host', ok: true }
        : { outcome: 'granule protection fault', ok: false };
    case 'UNASSIGNED_EMPTY':
    case 'ASSIGNED_EMPTY':
      return { outcome: 'synchronous external abort, taken by the realm', ok: false };
    case 'UNASSIGNED_RAM':
    case 'UNASSIGNED_DESTROYED':
    case 'ASSIGNED_DESTROYED':
    case 'TABLE':
      return { outcome: 'REC exit, data abort', ok: false };
    case 'UNASSIGNED_NS':
      return { outcome: 'REC exit, data abort; the host may emulate it', ok: false };
  }
}
