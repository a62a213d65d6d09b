// Time-based one-time passwords as RFC 6238 defines them, with what authenticator programs use: SHA-1, 6 digits, 30 seconds.
import { createHmac } from 'node:crypto';

export const STEP_SECONDS = 30;

/** The step a moment (milliseconds since 1970) falls into. The server accepts each step once. */
export function step(milliseconds: number): number {
  return Math.floor(milliseconds / 1000 / STEP_SECONDS);
}

/** Decodes RFC 4648 base32, in either case, with or without padding and spaces. */
export function base32(text: string): Buffer {
  let bits = 0;
  let held = 0;
  const bytes: number[] = [];
  for (const letter of text.toUpperCase().replace(/[\s=-]/g, '')) {
    const value = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter);
    if (value < 0) throw new Error(`not base32: ${letter}`);
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
      held &= (1 << bits) - 1;
    }
  }
  return Buffer.from(bytes);
}

/** The code for a step; `digits` is 6 but for the RFC's own examples. */
export function code(secret: Buffer, atStep: number, digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(atStep));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits;
  return number.toString().padStart(digits, '0');
}
