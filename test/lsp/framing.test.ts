// Broken bytes between messages cost the message they are in, and none after it.
import { describe, expect, test } from 'vitest';
import { Framing } from '../../server/src/lsp/framing.ts';

const message = (body: string) => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** What comes through when the bytes arrive in pieces of a size. */
function through(bytes: string, size: number): { text: string; broken: number } {
  let broken = 0;
  const framing = new Framing(() => broken++);
  const whole = Buffer.from(bytes);
  for (let at = 0; at < whole.length; at += size) framing.write(whole.subarray(at, at + size));
  return { text: String(framing.read() ?? ''), broken };
}

describe.each([1, 3, 7, 10_000])('in pieces of %i bytes', (size) => {
  test.each([
    ['whole messages pass', message('{"a":1}') + message('{"b":"ü"}'), message('{"a":1}') + message('{"b":"ü"}'), 0],
    ['other headers are left out', `Content-Type: x\r\n${message('{}')}`, message('{}'), 0],
    ['a header without a length', `Content-Size: 2\r\n\r\n{}${message('{"a":1}')}`, message('{"a":1}'), 1],
    ['a length that is no number', `Content-Length: two\r\n\r\n{}${message('{"a":1}')}`, message('{"a":1}'), 1],
    ['a length beyond all bounds', `Content-Length: 99999999999\r\n\r\n{}${message('{"a":1}')}`, message('{"a":1}'), 1],
    ['words between messages', `${message('{}')}hello\n${message('{"a":1}')}`, message('{}') + message('{"a":1}'), 0],
  ])('%s', (_name, bytes, text, broken) => {
    expect(through(bytes, size)).toEqual({ text, broken });
  });
});

test('a header that never ends takes no memory', () => {
  const framing = new Framing(() => undefined);
  for (let i = 0; i < 1000; i++) framing.write(Buffer.alloc(10_000, 'x'));
  framing.write(Buffer.from(`\r\n${message('{}')}`));
  expect(String(framing.read())).toBe(message('{}'));
});
