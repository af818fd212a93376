// The realm initial measurement, step by step, against values that a real RMM computed.
import { expect, test } from 'vitest';
import { Machine } from '../../server/src/emulator/index.ts';
import { Measurements } from '../../server/src/emulator/rmm/measurement.ts';
import { rec, SMALL, transcript } from './script.ts';

const SOURCE = 0x80f0_1000;

/** Byte i of the page is (7 * i + 3) & 0xff. */
function fillSource({ pages }: Machine): void {
  let contents = pages.contents.filled(0);
  for (let at = 0; at < 4096; at += 8) {
    const bytes = Uint8Array.from({ length: 8 }, (_, i) => (7 * (at + i) + 3) & 0xff);
    contents = pages.contents.written(contents, at, 8, new DataView(bytes.buffer).getBigUint64(0, true));
  }
  pages.setBytes(SOURCE, contents);
}

const steps = (hash: number) => [
  `RMI_GRANULE_DELEGATE 0x80000000
   RMI_GRANULE_DELEGATE 0x80002000
   RMI_GRANULE_DELEGATE 0x80003000
   RMI_GRANULE_DELEGATE 0x80004000
   RMI_GRANULE_DELEGATE 0x80005000
   RMI_GRANULE_DELEGATE 0x80006000
   RMI_GRANULE_DELEGATE 0x80007000
   RMI_REALM_CREATE 0x80000000 0x80f00000 {s2sz: 40, rtt_base: 0x80002000, rtt_num_start: 2, rpv: 0xaa, hash_algo: ${hash}}`,
  `RMI_RTT_CREATE 0x80000000 0x80004000 0x80000000 2
   RMI_RTT_INIT_RIPAS 0x80000000 0x80000000 0x80200000`,
  `RMI_RTT_CREATE 0x80000000 0x80005000 0x80200000 3
   RMI_RTT_INIT_RIPAS 0x80000000 0x80200000 0x80201000`,
  'RMI_DATA_CREATE 0x80000000 0x80006000 0x80202000 0x80f01000 1',
  'RMI_DATA_CREATE 0x80000000 0x80007000 0x80203000 0x80f01000 0',
  rec('REC', '0x80010000', 0)
    .replaceAll(' RD ', ' 0x80000000 ')
    .replace(
      ' PARAMS {flags: 1, mpidr: 0, pc: 0x1000,',
      ' 0x80f00000 {flags: 1, mpidr: 0, pc: 0x80202000, x0: 0x80000000,',
    ),
];

function measured(hash: number): string[] {
  const machine = new Machine(SMALL);
  fillSource(machine);
  return steps(hash).map((lines) => {
    const done = transcript(lines, machine);
    expect(done).not.toMatch(/ERROR/);
    const { granules, realms, measurements } = machine.rmm;
    return measurements.text(realms.get(granules.row(0x8000_0000), 'rim'));
  });
}

test('with SHA-256', () => {
  expect(measured(0)).toEqual([
    '045cb3602843a6845cb710fbbfbb92f0c7d611afe0106ac2953e46950a70c42b',
    '7ca45e3aec88361274bb4a7157ac88c9f2325e4b125241674ec2f53f4f2c039e',
    'c5448614902c604fd5ad8eafeb76c3341884e2155afb38028da45b0b1528c7ae',
    '5778cdac75b069a9cff3fab53fd4f3597c0136bb9e4b0a5f1a3de34872400549',
    'b682f37c79dc2108de437782fe200a90dcb59b06a0dcb206f71587bfc0bf8ee8',
    '752f9be5b9583233956aee1898e468807cabd21aeab8c3eb0d08e4ab94cfc010',
  ]);
});

test('with SHA-512', () => {
  expect(measured(1)).toEqual([
    '066e19aa2c3418dadc20ef31b5595907c612991952553e1e99731a677b5797c9898dffb6e3963a20b8e1af6d136cd2fe6fe25f048577dc3d7e5bf3a79a4b1e81',
    '8e5f9b47a4912e18d091c3f5d36c970b81380d12fd65b09beb6a7112a02f91a437d540b15782b6c6afd9fbb0373c266febab730ec63aa1c8e09f5d5e4dc2baa9',
    '9ba99d7417140b3d275f1ffe38981b52535f0e2005f6b010b6f9166b401ec81ed29aebf2aa604c9f0fd7e4ea7f415a4b894dbb9de4d6f58217a011a7540aa084',
    'c626a1523afa8d3b3fc766e5d0e747847d6e959b2990ffc653a1837535a1220f2eb0ad1cccf8c66bed302d0b243a68659423e3f9d45201a5dcc69739a4182646',
    '6b3eeb8f0e1671811e1a66aa4270edefa322074d6b5bfc5630eb85476f17f3407ac529d6331aa4b33674ecadefe028d0787187afbf7dc8117484f43265ccaaf5',
    'c9b820132cd2999aae402974bb96f8680895c482ec9ba5d48df955c6ee2de7ebb00fd61127eb4665ccfe6c2bff561eee7eb105a31e4d3bf0e5fdb905dba9e9a6',
  ]);
});

test('a REM is the hash of the old one and the first bytes of the value', () => {
  const { contents } = new Machine(SMALL).pages;
  const words = [0, 8, 16, 24].map((at): [number, bigint] => {
    const bytes = Uint8Array.from({ length: 8 }, (_, i) => at + i);
    return [at, new DataView(bytes.buffer).getBigUint64(0, true)];
  });
  const measurements = new Measurements(contents);
  const rem = measurements.rem(0, 0, contents.rewritten(contents.filled(0xff), 0, 0, words), 32);
  expect(measurements.text(rem)).toBe('bb2275c49f28ad52cae6d55e34a974a58c7a3ba26f976e8ecbbe7a536918dc73');
});
