// Keeps the server in step with its client: bytes between messages, and headers that name no length, are passed over.
import { Transform, type TransformCallback } from 'node:stream';

/** Bytes of one message; a longer one is taken for a broken header. A document of 50 MB fits several times. */
const MOST_BODY = 256 * 1024 * 1024;
/** Bytes in front of a body; what is longer holds no header. */
const MOST_HEADER = 4096;
const HEADER_END = '\r\n\r\n';

/**
 * Lets messages of the base protocol through as they are. The protocol library waits for more input after a broken header,
 * and takes everything that follows for a part of it; here the next `Content-Length` begins a message again.
 */
export class Framing extends Transform {
  private header: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  /** Bytes of the body that are still to come. */
  private body = 0;
  private readonly broken: (header: string) => void;

  /** `broken` hears of what was passed over. */
  constructor(broken: (header: string) => void) {
    super();
    this.broken = broken;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest: Buffer | undefined = chunk;
    while (rest && rest.length > 0) rest = this.body > 0 ? this.passBody(rest) : this.readHeader(rest);
    done();
  }

  private passBody(bytes: Buffer): Buffer {
    const length = Math.min(this.body, bytes.length);
    this.push(bytes.subarray(0, length));
    this.body -= length;
    return bytes.subarray(length);
  }

  /** What follows the header; `undefined` while the header is not complete. */
  private readHeader(bytes: Buffer): Buffer | undefined {
    const all = this.header.length > 0 ? Buffer.concat([this.header, bytes]) : bytes;
    const end = all.indexOf(HEADER_END);
    if (end < 0) {
      this.header = all.subarray(Math.max(0, all.length - MOST_HEADER));
      return undefined;
    }
    this.header = Buffer.alloc(0);
    const text = all.toString('latin1', Math.max(0, end - MOST_HEADER), end);
    const length = Number([...text.matchAll(/Content-Length: *(\d+)(?=\r\n|$)/gi)].at(-1)?.[1]);
    if (length > 0 && length <= MOST_BODY) {
      this.body = length;
      this.push(`Content-Length: ${length}${HEADER_END}`);
    } else this.broken(text.slice(0, 80));
    return all.subarray(end + HEADER_END.length);
  }
}
