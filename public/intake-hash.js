// Hashes a file beside the page's own thread: SHA-256 (FIPS 180-4) over the file's stream, so that a file of any size costs a
// few blocks of memory. The browser's own digest wants the whole file at once, and is missing without https.
// Answers each { id, file } with { id, sha256 } in hexadecimal, or { id, failed: true }.
const K = new Uint32Array(64);
const START = new Uint32Array(8);

// The constants are the fractions of the roots of the first primes: computed, so that no digit of a table can be wrong.
{
  const fraction = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32) >>> 0;
  let found = 0;
  for (let n = 2; found < 64; n += 1) {
    let prime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
    if (!prime) continue;
    K[found] = fraction(Math.cbrt(n));
    if (found < 8) START[found] = fraction(Math.sqrt(n));
    found += 1;
  }
}

const W = new Int32Array(64);

/** Takes the 64 bytes of `bytes` at `at` into `state`. */
function compress(state, bytes, at) {
  for (let i = 0; i < 16; i += 1, at += 4) W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  for (let i = 16; i < 64; i += 1) {
    const a = W[i - 15];
    const b = W[i - 2];
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0;
    d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

async function digest(file) {
  const state = Uint32Array.from(START);
  const rest = new Uint8Array(128);
  let held = 0;
  let length = 0;
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(64 - held, value.length);
      rest.set(value.subarray(0, at), held);
      held += at;
      if (held < 64) continue;
      compress(state, rest, 0);
      held = 0;
    }
    for (; at + 64 <= value.length; at += 64) compress(state, value, at);
    rest.set(value.subarray(at), 0);
    held = value.length - at;
  }
  // One bit, zeros, and the length in bits as 64 bits at the end of a block.
  const end = held < 56 ? 64 : 128;
  rest.fill(0, held, end);
  rest[held] = 0x80;
  const view = new DataView(rest.buffer);
  view.setUint32(end - 8, Math.floor(length / 2 ** 29));
  view.setUint32(end - 4, (length << 3) >>> 0);
  for (let at = 0; at < end; at += 64) compress(state, rest, at);
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
}

let queue = Promise.resolve();
onmessage = ({ data: { id, file } }) => {
  // One after the other: two at once would only share the one thread.
  queue = queue.then(async () => {
    try {
      postMessage({ id, sha256: await digest(file) });
    } catch {
      // Moved, renamed or unreadable since it was dropped.
      postMessage({ id, failed: true });
    }
  });
};
