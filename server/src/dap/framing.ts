// Messages on a byte stream: `Content-Length: N`, an empty line, N bytes of JSON. Bytes that are no message are skipped.

const HEADER = /Content-Length: *(\d{1,10})[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/i;
/** No client sends longer ones; a longer length is taken for garbage. */
const LONGEST = 64 * 1024 * 1024;
/** Garbage that is kept in case a header begins at its end. */
const KEPT = 4096;

/** Cuts a stream into messages. `garbled` hears of what was skipped, in a sentence. */
export class Unframer {
  private bytes: Buffer = Buffer.alloc(0);
  private parts: Buffer[] = [];
  /** Bytes that the message in progress still waits for. */
  private missing = 0;
  private readonly message: (value: unknown) => void;
  private readonly garbled: (why: string) => void;

  constructor(message: (value: unknown) => void, garbled: (why: string) => void) {
    this.message = message;
    this.garbled = garbled;
  }

  feed(chunk: Buffer): void {
    this.parts.push(chunk);
    this.missing -= chunk.length;
    if (this.missing > 0) return;
    this.bytes = Buffer.concat([this.bytes, ...this.parts]);
    this.parts = [];
    while (this.take());
  }

  /** Takes the first message, if it is there whole. */
  private take(): boolean {
    const text = this.bytes.toString('latin1');
    const found = HEADER.exec(text);
    if (!found) {
      const end = text.lastIndexOf('Content-Length');
      if (this.bytes.length > KEPT && end < 0) this.skip(this.bytes.length - KEPT);
      return false;
    }
    if (found.index > 0) this.skip(found.index);
    const length = Number(found[1]);
    const [header] = found;
    if (length > LONGEST) {
      this.skip(header.length);
      return true;
    }
    this.missing = header.length + length - this.bytes.length;
    if (this.missing > 0) return false;
    const body = this.bytes.subarray(header.length, header.length + length);
    this.bytes = this.bytes.subarray(header.length + length);
    this.deliver(body.toString('utf8'));
    return this.bytes.length > 0;
  }

  private deliver(body: string): void {
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      this.garbled(`a message was ignored: it is not JSON (${body.slice(0, 40)})`);
      return;
    }
    this.message(value);
  }

  private skip(count: number): void {
    this.garbled(`${count} bytes were ignored: they belong to no message`);
    this.bytes = this.bytes.subarray(count);
  }
}

export function frame(message: unknown): string {
  const json = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(json, 'utf8')}\r\n\r\n${json}`;
}
