// Hands a folder in: walks what is dropped or picked, has it hashed beside this thread, announces it, and sends the bytes that
// are wanted in pieces, a few files at a time. A lost connection is waited out; a closed tab goes on when the same folder is
// dropped again, because the server knows how far each file came. Without this script the plain form on the page does it.
(() => {
  const root = document.querySelector('[data-intake]');
  if (!root) return;
  const url = root.dataset.intake;
  const words = JSON.parse(root.dataset.words);
  const live = root.querySelector('[data-live]');
  const zone = root.querySelector('[data-drop]');

  /** Files on their way at once, bytes of a piece, most files of one announcement. */
  const HANDS = 4;
  const PIECE = 1 << 20;
  const BATCH = 200;
  /** Seconds between looks while the server reads, and the longest wait after a lost connection. */
  const LOOK = [0.4, 0.6, 1, 1.5, 2, 3];
  const LONGEST = 30;

  root.querySelector('[data-plain]').hidden = true;
  root.querySelector('[data-pick]').hidden = false;
  for (const input of root.querySelectorAll('[data-pick] input')) {
    if ('folder' in input.dataset) input.webkitdirectory = true;
    input.addEventListener('change', () => {
      handIn([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
      // The same folder can be picked again.
      input.value = '';
    });
  }

  // ---- What is dropped ----

  // Not everything that can be dropped has an entry; it is a file at least.
  const entries = (transfer) => [...(transfer?.items ?? [])]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile())
    .filter(Boolean);

  /** A single document dropped on a slot's row belongs to that row; everything else is the intake's. */
  const isOurs = (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return false;
    if (!event.target.closest?.('[data-slot]')) return true;
    const dropped = entries(event.dataTransfer);
    return dropped.some((entry) => entry.isDirectory || /\.zip$/i.test(entry.name));
  };

  addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    zone.classList.toggle('over', !event.target.closest?.('[data-slot]'));
  });
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) zone.classList.remove('over'); });
  addEventListener('drop', (event) => {
    zone.classList.remove('over');
    if (!isOurs(event)) return;
    event.preventDefault();
    event.stopPropagation();
    // The list of entries is empty once this handler has returned: taken now, walked afterwards.
    const dropped = entries(event.dataTransfer);
    walk(dropped).then(handIn);
  }, { capture: true });

  async function walk(list, folder = '') {
    const found = [];
    for (const entry of list) {
      const path = folder + entry.name;
      if (entry.isDirectory) {
        const reader = entry.createReader();
        for (;;) {
          const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
          if (some.length === 0) break;
          found.push(...await walk(some, `${path}/`));
        }
      } else {
        const file = entry instanceof File ? entry : await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
        if (file) found.push({ file, path });
      }
    }
    return found;
  }

  // ---- Hashing ----

  let worker;
  const asked = new Map();
  function hash(file) {
    if (!worker) {
      worker = new Worker('/intake-hash.js');
      worker.onmessage = ({ data }) => {
        const answer = asked.get(data.id);
        asked.delete(data.id);
        answer(data.sha256);
      };
    }
    const id = crypto.getRandomValues(new Uint32Array(2)).join('-');
    return new Promise((resolve) => {
      asked.set(id, resolve);
      worker.postMessage({ id, file });
    });
  }

  // ---- Announcing and sending ----

  const items = [];
  const waiting = [];
  let busy = 0;

  async function handIn(files) {
    if (files.length === 0) return;
    const fresh = files.map(({ file, path }) => ({ file, path, sent: 0, state: 'hashing', said: '' }));
    items.push(...fresh);
    draw();
    for (let at = 0; at < fresh.length; at += BATCH) {
      const batch = fresh.slice(at, at + BATCH);
      for (const item of batch) item.sha256 = await hash(item.file);
      await announce(batch.filter((item) => item.sha256 || settle(item, 'refused', words.lost)));
    }
  }

  /** Sets a state and draws it; false, so that a filter can drop what it settles. */
  function settle(item, state, said = '') {
    item.state = state;
    item.said = said;
    draw(item);
    return false;
  }

  async function announce(batch) {
    if (batch.length === 0) return;
    for (const item of batch) settle(item, 'waiting');
    const body = JSON.stringify({ files: batch.map(({ path, file, sha256 }) => ({ path, size: file.size, sha256 })) });
    const answer = await ask(() => fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', accept: 'application/json' } }), batch);
    if (!answer) return;
    answer.files.forEach((reply, at) => {
      const item = batch[at];
      if (item.state === 'cancelled') return;
      if (reply.to_do === 'send') {
        item.url = reply.url;
        item.sent = reply.offset;
        waiting.push(item);
      } else settle(item, reply.to_do, reply.said);
    });
    for (let hand = busy; hand < HANDS; hand += 1) send();
    finish();
  }

  async function send() {
    busy += 1;
    for (let item = waiting.shift(); item; item = waiting.shift()) {
      if (item.state !== 'cancelled') await sendOne(item);
    }
    busy -= 1;
    finish();
  }

  async function sendOne(item) {
    settle(item, 'sending');
    for (;;) {
      item.abort = new AbortController();
      const piece = item.file.slice(item.sent, item.sent + PIECE);
      const headers = { 'upload-offset': String(item.sent), 'content-type': 'application/partial-upload', accept: 'application/json' };
      const here = await ask(() => fetch(item.url, { method: 'PATCH', body: piece, headers, signal: item.abort.signal }), [item]);
      if (!here) return;
      item.sent = here.offset;
      if (here.complete) {
        item.sent = item.file.size;
        settle(item, 'sent');
        return;
      }
      settle(item, 'sending');
    }
  }

  /** Asks until there is an answer, waiting longer each time the connection is lost; the answer in JSON, or nothing when it
   * was refused or cancelled, which the items say then. */
  async function ask(request, about) {
    for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST)) {
      let response;
      try {
        response = await request();
      } catch (error) {
        if (error.name === 'AbortError' || about.every((item) => item.state === 'cancelled')) return null;
      }
      // 409 tells where to go on; too slow, too many at once, 503 and the like pass.
      if (response?.ok || response?.status === 409 && about[0].url) return response.json();
      if (response?.status === 401) {
        for (const item of about) settle(item, 'signed_out');
        return null;
      }
      if (response && response.status < 500 && response.status !== 408 && response.status !== 429) {
        const fail = await response.json().catch(() => ({}));
        const said = Object.values(fail.fields ?? {})[0] ?? fail.message ?? words.lost;
        for (const item of about) settle(item, 'refused', said);
        return null;
      }
      const before = about.map((item) => item.state);
      for (const item of about) settle(item, 'lost');
      await new Promise((resolve) => {
        setTimeout(resolve, pause * 1000);
        addEventListener('online', resolve, { once: true });
      });
      about.forEach((item, at) => { if (item.state === 'lost') settle(item, before[at]); });
      if (about.every((item) => item.state === 'cancelled')) return null;
    }
  }

  function cancel(item) {
    settle(item, 'cancelled');
    item.abort?.abort();
    finish();
  }

  function again(item) {
    announce([item]);
  }

  // ---- What is seen ----

  const UNDER_WAY = new Set(['hashing', 'waiting', 'sending', 'lost']);
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  let list;
  let sum;

  function draw(only) {
    if (!list) {
      sum = make('p', { className: 'small strong' });
      list = make('ul', { className: 'uploads' });
      live.append(sum, list);
    }
    for (const item of only ? [only] : items) {
      if (!item.row) {
        item.bar = make('progress', { max: Math.max(item.file.size, 1) });
        item.bar.setAttribute('aria-label', item.path);
        item.text = make('span');
        item.rest = make('div', { className: 'row small' });
        item.row = make('li', {}, make('div', { className: 'progress' }, make('span', { className: 'clip', textContent: item.path }), item.text, item.bar), item.rest);
        list.append(item.row);
      }
      const bad = ['refused', 'cancelled', 'signed_out'].includes(item.state);
      item.bar.className = bad ? 'bad' : item.state === 'sent' || item.state === 'known' ? '' : 'act';
      item.bar.value = item.state === 'known' ? item.bar.max : item.sent;
      item.text.textContent = item.state === 'sending' ? `${megabytes(item.sent)} / ${megabytes(item.file.size)} MB` : words[item.state] ?? '';
      item.row.hidden = item.state === 'litter' || item.state === 'sent';
      const press = (text, run) => {
        const button = make('button', { type: 'button', className: 'link', textContent: text });
        button.append(make('span', { className: 'said', textContent: ` ${item.path}` }));
        button.addEventListener('click', run);
        return button;
      };
      const rest = [];
      if (item.said) rest.push(make('span', { className: item.state === 'refused' ? 'error' : 'dim', textContent: item.said }));
      if (item.state === 'signed_out') rest.push(make('a', { href: '/login', target: '_blank', rel: 'noopener', textContent: words.sign_in }));
      if (UNDER_WAY.has(item.state)) rest.push(press(words.cancel, () => cancel(item)));
      if (item.state === 'signed_out' || item.state === 'cancelled') rest.push(press(words.retry, () => again(item)));
      if (item.state === 'refused' || item.state === 'known' || item.state === 'cancelled') {
        rest.push(press(words.dismiss, () => { item.row.remove(); items.splice(items.indexOf(item), 1); finish(); }));
      }
      // Only when it says something else: a button that is being pressed must not be replaced under the finger.
      const key = `${item.state}:${item.said}`;
      if (item.drawn !== key) item.rest.replaceChildren(...rest);
      item.drawn = key;
    }
    const counted = items.filter((item) => item.state !== 'litter');
    const total = (of) => counted.reduce((bytes, item) => bytes + of(item), 0);
    const done = counted.filter((item) => !UNDER_WAY.has(item.state));
    sum.textContent = counted.length === 0 ? '' : fill(words.all, {
      done: done.length,
      count: counted.length,
      sent: megabytes(total((item) => item.state === 'known' ? item.file.size : item.sent)),
      size: megabytes(total((item) => item.file.size)),
    });
  }

  // ---- Afterwards ----

  let looking = false;

  /** When everything is sent: looks until the server has read it, then shows the page anew. What was refused stays to be
   * read first. */
  async function finish() {
    if (looking || busy > 0 || waiting.length > 0 || items.some((item) => UNDER_WAY.has(item.state))) return;
    const unread = items.some((item) => ['refused', 'signed_out', 'cancelled'].includes(item.state));
    const came = items.some((item) => item.state === 'sent' || item.state === 'known');
    if (!came && items.length > 0) return;
    looking = true;
    const status = root.querySelector('[data-waits]') ?? live.appendChild(make('p', { className: 'small dim' }));
    let progress;
    for (let look = 0; ; look += 1) {
      progress = await fetch(url, { headers: { accept: 'application/json' } }).then((answer) => answer.ok ? answer.json() : null).catch(() => null);
      if (progress && progress.working === 0) break;
      if (progress) status.textContent = fill(words.working, { count: progress.working });
      await new Promise((resolve) => setTimeout(resolve, LOOK[Math.min(look, LOOK.length - 1)] * 1000));
      // More was dropped meanwhile: its own end looks again.
      if (busy > 0 || items.some((item) => UNDER_WAY.has(item.state))) { looking = false; return; }
    }
    if (!unread) {
      // Straight on to what a person has to confirm, unless a file asks something first.
      if (came && progress.unsure + progress.held + progress.failed === 0) location.assign(root.dataset.next);
      else { location.hash = 'intake'; location.reload(); }
      return;
    }
    const button = make('button', { type: 'button', className: 'button small', textContent: words.refresh });
    button.addEventListener('click', () => { location.hash = 'intake'; location.reload(); });
    status.replaceChildren(button);
    looking = false;
  }

  // A digit answers the first question, unless somebody is typing.
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select')) return;
    const button = /^[1-9]$/.test(event.key) && root.querySelector(`[data-key="${event.key}"]`);
    if (button) { event.preventDefault(); button.click(); }
  });

  if (Number(root.dataset.working) > 0) finish();
})();
