import { expect, test } from '../fixtures.ts';
import { base32, code, step } from '../totp.ts';

// RFC 6238 appendix B, the SHA-1 rows.
const EXAMPLES: [seconds: number, code: string][] = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
];

test('codes are those of RFC 6238 @desktop', () => {
  for (const [seconds, expected] of EXAMPLES) {
    expect(code(Buffer.from('12345678901234567890'), step(seconds * 1000), 8)).toBe(expected);
  }
});

test('base32 is that of RFC 4648 @desktop', () => {
  expect(base32('MZXW6YTBOI======').toString()).toBe('foobar');
  expect(base32('mzxw 6ytb').toString()).toBe('fooba');
  expect(() => base32('M1')).toThrow('not base32');
});
