// Folding, unfolding, and the next live address: the lines on the left, what the RMM answers behind `=`.
import { expect, test } from 'vitest';
import { realmTranscript } from './script.ts';

const same = (text: string) => expect(realmTranscript(text)).toBe(text);

test('unfolding keeps the RIPAS, folding gives it back', () =>
  same(`
RMI_RTT_FOLD RD 0 3 = RMI_SUCCESS 0x80005000
RMI_RTT_INIT_RIPAS RD 0 0x200000 = RMI_SUCCESS 0x200000
RMI_RTT_CREATE RD RTT3 0 3 = RMI_SUCCESS
RMI_RTT_READ_ENTRY RD 0x1ff000 3 = RMI_SUCCESS 3 0 0 1
RMI_RTT_FOLD RD 0 3 = RMI_SUCCESS 0x80005000
RMI_RTT_READ_ENTRY RD 0 3 = RMI_SUCCESS 2 0 0 1
`));

test('a table with one entry that differs does not fold', () =>
  same(`
RMI_RTT_INIT_RIPAS RD 0x1ff000 0x200000 = RMI_SUCCESS 0x200000
RMI_RTT_FOLD RD 0 3 = RMI_ERROR_RTT(3) rtt_homo
`));

test('a table of pages that are not consecutive does not fold', () =>
  same(`
RMI_DATA_CREATE_UNKNOWN RD DATA 0 = RMI_SUCCESS
RMI_RTT_FOLD RD 0 3 = RMI_ERROR_RTT(3) rtt_homo
RMI_RTT_DESTROY RD 0 3 = RMI_ERROR_RTT(3) rtt_live
`));

test('a block of the host unfolds into pages that are consecutive, and folds again', () =>
  same(`
let NS = 0x8000000000
RMI_GRANULE_DELEGATE 0x80007000 = RMI_SUCCESS
RMI_GRANULE_DELEGATE 0x80008000 = RMI_SUCCESS
RMI_RTT_CREATE RD 0x80007000 NS 2 = RMI_SUCCESS
RMI_RTT_MAP_UNPROTECTED RD NS 2 0x400000d8 = RMI_SUCCESS
RMI_RTT_CREATE RD 0x80008000 NS 3 = RMI_SUCCESS
RMI_RTT_READ_ENTRY RD 0x80001ff000 3 = RMI_SUCCESS 3 1 0x401ff0d8 0
RMI_RTT_FOLD RD NS 3 = RMI_SUCCESS 0x80008000
RMI_RTT_READ_ENTRY RD NS 3 = RMI_SUCCESS 2 1 0x400000d8 0
RMI_RTT_DESTROY RD NS 2 = RMI_SUCCESS 0x80007000 0x10000000000
`));

test('destroying a table leaves DESTROYED behind, whatever was there', () =>
  same(`
RMI_RTT_INIT_RIPAS RD 0 0x1000 = RMI_SUCCESS 0x1000
RMI_RTT_DESTROY RD 0 3 = RMI_SUCCESS 0x80005000 0x40000000
RMI_RTT_READ_ENTRY RD 0 2 = RMI_SUCCESS 2 0 0 2
`));

test('top is the next live address in the table where the walk stopped, or its end', () =>
  same(`
RMI_DATA_CREATE_UNKNOWN RD DATA 0x7000 = RMI_SUCCESS
RMI_DATA_DESTROY RD 0 = RMI_ERROR_RTT(3) rtte_state
RMI_DATA_DESTROY RD 0x7000 = RMI_SUCCESS 0x80006000 0x200000
RMI_RTT_DESTROY RD 0x40000000 3 = RMI_ERROR_RTT(1) rtt_walk
`));

test('a level that is negative or far too large, and addresses of 64 bits, are errors and nothing else', () =>
  same(`
RMI_RTT_READ_ENTRY RD 0 -1 = RMI_ERROR_INPUT level_bound
RMI_RTT_READ_ENTRY RD 0 0xffffffffffffffff = RMI_ERROR_INPUT level_bound
RMI_RTT_READ_ENTRY RD 0 0x100000003 = RMI_ERROR_INPUT level_bound
RMI_RTT_CREATE RD DATA 0 0x8000000000000003 = RMI_ERROR_INPUT level_bound
RMI_RTT_READ_ENTRY RD 0xfffffffffffff000 3 = RMI_ERROR_INPUT ipa_bound
RMI_GRANULE_DELEGATE 0xffffffff80010000 = RMI_ERROR_INPUT gran_bound
RMI_GRANULE_DELEGATE 0xffffffff80010001 = RMI_ERROR_INPUT gran_align
RMI_DATA_CREATE_UNKNOWN RD DATA 0xffffffffffffffff = RMI_ERROR_INPUT ipa_bound
RMI_RTT_MAP_UNPROTECTED RD 0x8000000000 3 0x80000000000000d8 = RMI_ERROR_INPUT attr_valid
RMI_RTT_INIT_RIPAS RD 0 0xfffffffffffff000 = RMI_ERROR_INPUT top_bound
RMI_VERSION 0x1000000010000 = RMI_ERROR_INPUT version
RMI_FEATURES 0xffffffffffffffff = RMI_SUCCESS 0
`));
