// Recomputes what a page of the ledger shows, in the reader's browser and from the log's own public tiles (C2SP tlog-tiles, RFC 6962
// with SHA-256): the server's word for a hash is compared with what follows from the tiles, step by step, up to the signed
// checkpoint. Without this script the page shows the same hashes and a command that checks them.
(() => {
  const section = document.querySelector('[data-recompute]');
  if (!section) return;
  const say = section.dataset;
  const steps = [...section.querySelectorAll('[data-step]')];

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const sha256 = async (...parts) => {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { bytes.set(part, at); at += part.length; }
    return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  };
  const leafHash = (entry) => sha256([0], entry);
  const nodeHash = (left, right) => sha256([1], left, right);

  async function bytes(path) {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  // ---- tiles. Sizes are numbers below 2^53, beyond the reach of bit operations.
  const fetched = new Map();
  function tile(level, index, size) {
    const width = Math.min(256, Math.floor(size / 256 ** (level === 'entries' ? 0 : level)) - index * 256);
    let rest = index;
    let name = String(rest % 1000).padStart(3, '0');
    for (rest = Math.floor(rest / 1000); rest > 0; rest = Math.floor(rest / 1000)) name = `x${String(rest % 1000).padStart(3, '0')}/${name}`;
    const path = `/ledger/tile/${level}/${name}${width < 256 ? `.p/${width}` : ''}`;
    if (!fetched.has(path)) fetched.set(path, bytes(path));
    return fetched.get(path);
  }

  /** The root of the complete subtree of 2^height leaves at this place of its row. */
  async function subtree(height, index, size) {
    const level = Math.floor(height / 8);
    const first = index * 2 ** (height % 8);
    const found = await tile(level, Math.floor(first / 256), size);
    let row = [];
    for (let at = first % 256; row.length < 2 ** (height % 8); at += 1) {
      const hash = found.subarray(at * 32, at * 32 + 32);
      if (hash.length !== 32) throw new Error(`tile ${level}/${Math.floor(first / 256)} is cut short`);
      row.push(hash);
    }
    while (row.length > 1) {
      const above = [];
      for (let at = 0; at < row.length; at += 2) above.push(await nodeHash(row[at], row[at + 1]));
      row = above;
    }
    return row[0];
  }

  /** MTH(D[start:end]) from the tiles of a tree of `size` leaves. */
  async function span(start, end, size) {
    const nodes = [];
    for (let at = start; at < end;) {
      let height = 0;
      while (2 ** (height + 1) <= end - at) height += 1;
      nodes.push(await subtree(height, at / 2 ** height, size));
      at += 2 ** height;
    }
    let hash = nodes.pop();
    while (nodes.length) hash = await nodeHash(nodes.pop(), hash);
    return hash;
  }

  async function entry(index, size) {
    const bundle = await tile('entries', Math.floor(index / 256), size);
    let at = 0;
    for (let left = index % 256; left > 0; left -= 1) at += 2 + bundle[at] * 256 + bundle[at + 1];
    return bundle.subarray(at + 2, at + 2 + bundle[at] * 256 + bundle[at + 1]);
  }

  // ---- checkpoints
  async function checkpoint(size) {
    const text = new TextDecoder().decode(await bytes(`/ledger/checkpoint/${size}`));
    const end = text.indexOf('\n\n') + 1;
    const [, stated, root] = text.split('\n');
    if (Number(stated) !== size) throw new Error(`/ledger/checkpoint/${size} is of size ${stated}`);
    return { text, body: text.slice(0, end), lines: text.slice(end + 1).split('\n'), root: hex(fromBase64(root)) };
  }

  /** True, false, or nothing when this browser has no Ed25519. */
  async function signed({ body, lines }) {
    // One key, or two of a log that changed its key between the two sizes.
    for (const vkey of say.vkey.split(' ')) {
      const [name, id, ...rest] = vkey.split('+');
      const key = fromBase64(rest.join('+'));
      const line = lines.map((one) => one.split(' ')).find(([dash, by, signature]) => dash === '—' && by === name && hex(fromBase64(signature).subarray(0, 4)) === id);
      if (!line || key[0] !== 1) continue;
      let imported;
      try {
        imported = await crypto.subtle.importKey('raw', key.subarray(1), 'Ed25519', false, ['verify']);
      } catch {
        return undefined;
      }
      return crypto.subtle.verify('Ed25519', imported, fromBase64(line[2]).subarray(4), new TextEncoder().encode(body));
    }
    return false;
  }

  // ---- steps of the page
  let bad = '';
  function mark(step, good, detail) {
    const state = good === undefined ? 'skipped' : good ? 'ok' : 'failed';
    step.className = state;
    const icon = section.querySelector(`template[data-icon="${state}"]`).content.cloneNode(true);
    step.querySelector('svg').replaceWith(icon);
    if (detail) step.querySelector('.detail').textContent = detail;
    if (state === 'failed' && !bad) bad = step.querySelector('.title').textContent;
  }
  const of = (kind) => steps.filter((step) => step.dataset.step === kind);
  async function check(step, what) {
    try {
      await what(step);
    } catch (error) {
      mark(step, false, error.message);
    }
  }
  const number = (step, name) => Number(step.dataset[name]);

  async function inclusion() {
    const [index, size] = [Number(say.index), Number(say.size)];
    let hash;
    await check(of('leaf')[0], async (step) => {
      hash = await leafHash(await entry(index, size));
      mark(step, hex(hash) === step.dataset.hash, hex(hash));
    });
    for (const step of of('level')) {
      await check(step, async () => {
        const sibling = await span(number(step, 'start'), number(step, 'end'), size);
        hash = step.dataset.side === 'left' ? await nodeHash(sibling, hash) : await nodeHash(hash, sibling);
        mark(step, hex(sibling) === step.dataset.hash && hex(hash) === step.dataset.parent, `${hex(sibling)} → ${hex(hash)}`);
      });
    }
    await vouched([[size, () => hash]]);
  }

  async function consistency() {
    const [from, to] = [Number(say.from), Number(say.to)];
    const nodes = new Map();
    for (const step of of('node')) {
      await check(step, async () => {
        const hash = await span(number(step, 'start'), number(step, 'end'), to);
        nodes.set(`${step.dataset.start}-${step.dataset.end}`, hash);
        mark(step, hex(hash) === step.dataset.hash, hex(hash));
      });
    }
    // Both roots from the same few hashes: that they share them is what makes the old tree the beginning of the new one.
    const fold = async (start, end) => {
      const known = nodes.get(`${start}-${end}`);
      if (known) return known;
      if (end - start < 2) throw new Error('a hash is missing');
      let left = 1;
      while (left * 2 < end - start) left *= 2;
      return nodeHash(await fold(start, start + left), await fold(start + left, end));
    };
    await vouched([[from, () => fold(0, from)], [to, () => fold(0, to)]]);
  }

  /** What was computed is the root that the log signed. */
  async function vouched(roots) {
    for (const [at, [size, compute]] of roots.entries()) {
      let note;
      await check(of('root')[at], async (step) => {
        note = await checkpoint(size);
        const root = hex(await compute());
        mark(step, root === note.root && root === step.dataset.hash, root);
      });
      await check(of('signature')[at], async (step) => {
        if (!note) throw new Error('');
        const good = await signed(note);
        mark(step, good, good === undefined ? say.cannot : '');
      });
    }
  }

  async function run() {
    const verdict = section.querySelector('[data-verdict]');
    if (!globalThis.crypto?.subtle) {
      verdict.textContent = say.insecure;
      return;
    }
    await (say.recompute === 'inclusion' ? inclusion() : consistency());
    verdict.textContent = bad ? `${say.bad} ${bad}` : say.good;
    verdict.className = bad ? 'strong red' : 'strong green';
    section.dataset.outcome = bad ? 'bad' : 'good';
    document.querySelectorAll('svg.path').forEach((picture) => picture.classList.add(bad ? 'refuted' : 'recomputed'));
  }
  run();
})();
