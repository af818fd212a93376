// What the scenario calls a realm.
import { hex } from '../emulator/index.ts';
import type { Program } from '../scenario/index.ts';

/** `RD 0x8800_0000` where a `let` has that value, else the address alone. */
export function nameOfRealm({ names }: Program, rd: number): string {
  const name = names.find(({ kind, value }) => kind === 'let' && value === rd);
  return name ? `${name.name} ${hex(rd)}` : hex(rd);
}
