// Tells the server that this workspace is open and in which field the cursor is, and shows who else is there. What a
// colleague saved meanwhile is put into fields that nobody has touched here; a field with typing in it is left alone, and
// saving it shows both values. Without this script nothing is lost: saving merges by field all the same.
(() => {
  const place = document.querySelector('[data-presence]');
  if (!place) return;
  const EVERY = 10_000;
  const URL_OF = '/do/filing/around';
  // Not kept anywhere: another tab, also a duplicated one, is another page.
  const tab = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  let since = place.dataset.since;
  let timer = 0;
  let asking = false;
  let field = '';

  const version = (id) => document.querySelector(`input[name="versions[${CSS.escape(id)}]"]`);
  const control = (id) => (version(id) ? document.getElementById(id) : null);
  /** What stood in each field when nobody had touched it. */
  const untouched = new Map();
  for (const hidden of document.querySelectorAll('input[name^="versions["]')) {
    const id = hidden.name.slice('versions['.length, -1);
    const found = document.getElementById(id);
    if (found) untouched.set(id, found.value);
  }

  const body = (more) => new URLSearchParams({ filing: place.dataset.presence, tab, field, since, ...more });

  const mark = (id, kind, text) => {
    const around = control(id)?.closest('.autosave');
    if (!around) return;
    let line = around.querySelector(`:scope > .${kind}`);
    if (!line) {
      line = document.createElement('span');
      line.className = kind;
      around.append(line);
    }
    line.textContent = text;
  };

  const show = (answer) => {
    since = String(answer.since);
    if (place.textContent !== answer.said) place.textContent = answer.said;
    const busy = new Map(answer.fields.map((at) => [at.field, at.said]));
    for (const line of document.querySelectorAll('.presence-here')) {
      if (!busy.has(line.closest('.autosave').querySelector('[id]')?.id)) line.remove();
    }
    for (const [id, said] of busy) mark(id, 'presence-here', said);
    for (const saved of answer.saved) {
      const [found, stored] = [control(saved.field), version(saved.field)];
      if (!found) continue;
      // What this page saved itself comes back under the version that it already has: from then on it is untouched again.
      if (saved.version <= Number(stored.value)) {
        if (found.value === saved.value) untouched.set(saved.field, saved.value);
        continue;
      }
      if (found === document.activeElement || found.value !== untouched.get(saved.field)) continue;
      found.value = saved.value;
      if (found.value !== saved.value) continue;
      stored.value = String(saved.version);
      untouched.set(saved.field, saved.value);
      mark(saved.field, 'presence-saved', saved.said);
    }
  };

  const ask = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(ask, EVERY);
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(URL_OF, { method: 'POST', headers: { accept: 'application/json' }, body: body({}) });
      if (answer.ok) show(await answer.json());
      // Signed out, or not the enterprise's to change any more: saving says so, this does not ask again.
      else if (answer.status < 500) clearTimeout(timer);
    } catch {
      // No line just now: nobody is shown rather than somebody who may have left.
      place.textContent = '';
    } finally {
      asking = false;
    }
  };

  addEventListener('focusin', (event) => {
    const next = control(event.target.id) ? event.target.id : '';
    if (next === field) return;
    field = next;
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  });
  addEventListener('visibilitychange', ask);
  addEventListener('pageshow', (event) => { if (event.persisted) ask(); });
  addEventListener('pagehide', () => navigator.sendBeacon(URL_OF, body({ leaving: 'true' })));
  ask();
})();
