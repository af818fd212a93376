// How results of a realm's actions are written: names where there are some, else the 64 bits of the register.
import { expect, test } from 'vitest';
import { psciForm, rsiForm, valueForm } from '../../server/src/emulator/rmm/guest/forms.ts';

test.each([
  [valueForm, 0x2a, '0x2a'],
  [valueForm, -1, '0xffffffffffffffff'],
  [valueForm, -2, '0xfffffffffffffffe'],
  [psciForm, -1, 'PSCI_NOT_SUPPORTED'],
  [psciForm, 5, '0x5'],
  [rsiForm, 1, 'RSI_ERROR_INPUT'],
  [rsiForm, -1, '0xffffffffffffffff'],
])('result %#', (form, code, text) => {
  expect(form.text(code)).toBe(text);
});

test('exits and aborts have names in every family', () => {
  for (const form of [psciForm, rsiForm, valueForm]) {
    for (const name of ['RMI_EXIT_SYNC', 'RMI_EXIT_HOST_CALL', 'SEA', 'UNDEF']) {
      expect(form.text(form.code(name, undefined) ?? 0)).toBe(name);
    }
  }
});
