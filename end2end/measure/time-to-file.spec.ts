// How long a filing takes: a scripted person drives the real pages from sign-in to the verified receipt, over a throttled line.
// `make time-to-file` runs it; the last line it prints is one JSON object. Environment: RUNS, PACK and TRUTH (a folder of documents
// and what is true about it; without them the two packs in fixtures/), CONTROL=0 leaves out the manual form.
import { basename, join, resolve } from 'node:path';
import { expect, type Browser, type Page } from '@playwright/test';
import { test } from '../fixtures.ts';
import type { Guard } from '../guard.ts';
import { read, type Pack } from '../pack.ts';
import { code, step, STEP_SECONDS } from '../totp.ts';
import { PASSWORD } from '../people.ts';
import { Human } from './human.ts';
import { Market } from './market.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const RUNS = Number(process.env.RUNS ?? 30);

/** An office's line: 10 Mbit/s up, 50 down, 40 ms. */
const LINE = { offline: false, latency: 40, uploadThroughput: 10e6 / 8, downloadThroughput: 50e6 / 8 };

/** What one run gives. Seconds; accuracies from 0 to 1. */
interface Run {
  human_seconds: number;
  machine_seconds: number;
  /** Human and machine, without waiting for the firms. */
  elapsed_seconds: number;
  /** The firms' part, as fast as a script does it. */
  attestation_seconds: number;
  actions: number;
  submitted: boolean;
}

/** What the platform understood of a pack; the same in every run. */
interface Understood {
  files: number;
  fields: number;
  classification_accuracy: number;
  classification_accuracy_text: number;
  silent_wrong_slots: number;
  extraction_accuracy: number;
  wrong_fields: string[];
  findings_found: number;
  findings_missed: string[];
  findings_false: string[];
}

/** Signs in and opens an application: the same for everybody. */
async function begin(person: Human, market: Market): Promise<string> {
  const { page } = person;
  await page.goto('/login');
  await person.type('login', page.locator('input[name=login]'), market.login);
  await person.type('password', page.locator('input[name=password]'), PASSWORD);
  await page.locator('input[name=password]').focus();
  const field = page.locator('input[name=code]');
  await person.press('sign in', 'Enter', () => field.waitFor());
  await person.type('code', field, code(market.secret, step(Date.now())));
  await field.focus();
  await person.press('sign in', 'Enter', () => page.waitForURL((url) => !url.pathname.startsWith('/login')));
  await person.follow('new application', page.locator('form[action="/do/filing/open"] button[value=growth]').first());
  return new URL(page.url()).pathname;
}

/** Hands the folder in and answers the questions; says what the platform made of each file before anybody answered, which is looked
 * up on a page beside, because looking is no part of the way. */
async function handIn(person: Human, filing: string, pack: Pack): Promise<Pick<Understood, 'files' | 'classification_accuracy' | 'classification_accuracy_text' | 'silent_wrong_slots'>> {
  const { page } = person;
  await person.choose('the folder', page.locator('[data-pick] input[data-folder]'), pack.folder, () => page.waitForEvent('load', { timeout: 600_000 }));
  const beside = await page.context().newPage();
  await beside.goto(filing);
  await expect(beside.locator('[data-intake]')).toHaveAttribute('data-working', '0', { timeout: 600_000 });
  const names = async (rows: string) => beside.locator(rows).evaluateAll((found) => found.map((row) => row.querySelector('.file-name')?.textContent?.trim() ?? ''));
  const placed = new Map<string, string>();
  for (const slot of await beside.locator('tr[data-slot]').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.slot!))) {
    for (const name of await names(`#slot-${slot} .slot-file`)) placed.set(name, slot);
  }
  const proposals = new Map<string, string>();
  for (const row of await beside.locator('.intake-file.look').all()) {
    const proposed = row.locator('button[name=slot]').first();
    proposals.set((await row.locator('.file-name').innerText()).trim(), (await proposed.count()) ? (await proposed.getAttribute('value'))! : '');
  }
  await beside.close();
  let right = 0;
  let wrong = 0;
  let text = 0;
  let textRight = 0;
  for (const file of pack.truth.files) {
    const name = basename(file.path);
    const at = placed.get(name);
    const isSlot = file.slot !== 'ignore' && file.slot !== 'split' && !file.slot.startsWith('reject:');
    const good = isSlot ? (at ?? proposals.get(name)) === file.slot : file.slot === 'split' ? at === undefined : at === undefined && !proposals.has(name);
    right += Number(good);
    wrong += Number(at !== undefined && at !== file.slot);
    if (file.text_layer === true) {
      text += 1;
      textRight += Number(good);
    }
    if (!good) console.log(`  ${file.path}: is ${file.slot}, was ${at ? `placed in ${at}` : proposals.has(name) ? `asked, ${proposals.get(name) || 'nothing'} proposed` : 'set aside'}`);
  }
  // One press for each question whose first proposal is right, two where another slot has to be chosen.
  for (let left = await page.locator('.intake-file.look').count(); left > 0; left -= 1) {
    const row = page.locator('.intake-file.look').first();
    const name = (await row.locator('.file-name').innerText()).trim();
    const truth = pack.truth.files.find((file) => basename(file.path) === name)?.slot ?? 'ignore';
    const proposed = row.locator(`button[name=slot][value="${truth}"]`);
    const choice = row.locator('select');
    if (await proposed.count()) await person.follow(`${name}: as proposed`, proposed.first());
    else if ((await choice.count()) && (await choice.locator(`option[value="${truth}"]`).count())) {
      await person.type(`${name}: slot`, choice, truth);
      await person.follow(`${name}: put there`, row.locator('form:has(select) button'));
    } else await person.follow(`${name}: not needed`, row.locator('form[action="/do/intake/set-aside"] button'));
  }
  return { files: pack.truth.files.length, classification_accuracy: right / pack.truth.files.length, classification_accuracy_text: text ? textRight / text : 1, silent_wrong_slots: wrong };
}

/** The same value, however it is written. */
function same(a: string, b: string): boolean {
  const plain = (text: string) => text.normalize('NFKC').replace(/[\s,]/g, '');
  const [x, y] = [plain(a), plain(b)];
  return x === y || (x !== '' && y !== '' && Math.abs(Number(x) - Number(y)) < 0.005);
}

/** Fields that no document says: boards, contacts and the like are the person's to type. */
const TYPED = new Set(['company_type', 'paid_in_capital', 'city', 'main_business', 'board', 'layer', 'has_qualifications', 'has_valuation', 'contact_person', 'contact_phone']);

type Extracted = Pick<Understood, 'fields' | 'extraction_accuracy' | 'wrong_fields'>;

/** Looks through what the documents gave, puts right what is wrong, types what none of them says, and sends it to the firms. */
async function confirm(person: Human, filing: string, pack: Pack): Promise<Extracted> {
  const { page } = person;
  if (!page.url().includes('view=confirm')) await person.follow('to confirm', page.locator(`a[href="${filing}?view=confirm"]`).first());
  const beside = await page.context().newPage();
  await beside.goto(`${filing}?view=fields`);
  const stored = new Map(await beside.locator('[name^="fields["]').evaluateAll((inputs) => inputs.map((input) => [(input as HTMLInputElement).name.slice(7, -1), (input as HTMLInputElement).value] as const)));
  await beside.close();
  let said = 0;
  const wrong: string[] = [];
  for (const [field, value] of Object.entries(pack.fields)) {
    if (value === '' || value === 'undefined' || !stored.has(field)) continue;
    const tick = page.locator(`#confirm input[type=checkbox][name="adopt[${field}]"]`);
    const choices = page.locator(`#confirm input[type=radio][name="adopt[${field}]"]`);
    const input = page.locator(`#confirm [name="fields[${field}]"]`);
    const ticked = (await tick.count()) > 0;
    const stands = ticked ? await tick.inputValue() : (stored.get(field) ?? '');
    // What the documents say of boards, contacts and the like is the company's own word; only what is missing is typed.
    const isSame = same(stands, value) || (TYPED.has(field) && stands !== '');
    if (!TYPED.has(field)) {
      said += 1;
      if (!isSame) wrong.push(`${field}: ${stands || 'nothing'} instead of ${value}`);
    }
    if (isSame) continue;
    if (ticked) await person.click(`${field}: not this`, tick);
    const right = (await Promise.all((await choices.all()).map(async (choice) => ({ choice, value: await choice.inputValue() })))).find((one) => same(one.value, value));
    if (right) await person.click(`${field}: this one`, right.choice);
    else if (await input.count()) await person.type(field, input, value);
  }
  await person.follow('confirm and send', page.locator('#confirm button[value=send]'));
  return { fields: said, extraction_accuracy: said ? (said - wrong.length) / said : 1, wrong_fields: wrong };
}

/** Types every field of the form. */
async function fillIn(person: Human, filing: string, pack: Pack): Promise<void> {
  const { page } = person;
  // The fields save themselves once the browser's half is awake.
  await person.click('the form', page.locator(`a[href="${filing}?view=fields"]`).first(), async () => {
    await page.waitForEvent('load');
    await page.waitForLoadState('networkidle');
  });
  for (const [field, value] of Object.entries(pack.fields)) {
    const input = page.locator(`[name="fields[${field}]"]`);
    if (value === '' || value === 'undefined' || !(await input.count())) continue;
    if (same(await input.inputValue(), value)) continue;
    const saved = () => page.waitForResponse((response) => response.url().endsWith('/do/filing/save-field'));
    await person.type(field, input, value, saved);
  }
}

async function contradictions(page: Page, filing: string, pack: Pack): Promise<Pick<Understood, 'findings_found' | 'findings_missed' | 'findings_false'>> {
  await page.goto(`${filing}?view=findings`);
  const shown = await page.locator('[data-rule]').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.rule!));
  const missed: string[] = [];
  for (const { type } of pack.truth.expected_findings) {
    const at = shown.indexOf(type);
    if (at < 0) missed.push(type);
    else shown.splice(at, 1);
  }
  return { findings_found: pack.truth.expected_findings.length - missed.length, findings_missed: missed, findings_false: shown };
}

/** Engages every firm by hand, one after the other, and asks them. */
async function engage(person: Human, market: Market, filing: string): Promise<void> {
  const { page } = person;
  await person.follow('the firms', page.locator(`a[href="${filing}?view=firms"]`).first());
  for (const { kind, name } of market.firms) {
    const choose = page.locator(`a[href*="view=firms&kind=${kind}"]`).first();
    if (await choose.count()) await person.follow(`${kind}: choose`, choose);
    else await page.goto(`${filing}?view=firms&kind=${kind}`);
    await person.click(`${kind}: this one`, page.getByRole('radio', { name }));
    await person.follow(`${kind}: engage`, page.locator('form[action="/do/engagement/engage"] button').last());
  }
  await person.follow('ask for attestation', page.locator('form[action="/do/filing/request-attestation"] button'));
}

/** From what the firms attested to the verified receipt. Answers how long the firms took. */
async function submit(person: Human, market: Market, filing: string, pack: Pack): Promise<number> {
  const { page } = person;
  const began = performance.now();
  await market.attest(pack.fact('name'));
  const attestation = (performance.now() - began) / 1000;

  await person.press('look again', 'F5', () => page.reload());
  await person.follow('to the submission', page.locator(`a[href="${filing}/submit"]`).first());
  await person.click('declared', page.locator('input[name=declared]'));
  await person.follow('submit', page.locator('form[action="/do/filing/submit"] button').first());
  await expect(page.locator('a[href^="/ledger/entries/"]').first()).toBeVisible();
  await Promise.all([page.waitForEvent('download'), person.click('the receipt', page.getByRole('link', { name: '回执文件' }).first())]);
  await person.click('verify', page.locator('a[href^="/verify?receipt="]'), () => page.locator('.verdict.ok').waitFor());
  return attestation;
}

async function measured(browser: Browser, guard: Guard, market: Market, work: (person: Human) => Promise<number | undefined>): Promise<Run> {
  await market.again();
  const context = await browser.newContext({ baseURL: market.instance.url, acceptDownloads: true });
  guard.watch(context);
  const page: Page = await context.newPage();
  const line = await context.newCDPSession(page);
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', LINE);
  // A code that was used cannot be used again; nobody's stopwatch runs while it changes.
  await new Promise((resolve) => setTimeout(resolve, (STEP_SECONDS - ((Date.now() / 1000) % STEP_SECONDS)) * 1000 + 100));
  const person = new Human(page);
  const attestation = await work(person);
  await context.close();
  const round = (seconds: number) => Math.round(seconds * 10) / 10;
  return {
    human_seconds: round(person.seconds),
    machine_seconds: round(person.machine),
    elapsed_seconds: round(person.seconds + person.machine),
    attestation_seconds: round(attestation ?? 0),
    actions: person.actions,
    submitted: attestation !== undefined,
  };
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function summary(runs: Run[]) {
  const of = (name: 'human_seconds' | 'machine_seconds' | 'elapsed_seconds' | 'attestation_seconds' | 'actions') => median(runs.map((run) => run[name]));
  return {
    runs: runs.length,
    human_seconds: of('human_seconds'),
    machine_seconds: of('machine_seconds'),
    machine_seconds_most: Math.max(...runs.map((run) => run.machine_seconds)),
    elapsed_seconds: of('elapsed_seconds'),
    attestation_seconds: of('attestation_seconds'),
    actions: of('actions'),
    submitted: runs.every((run) => run.submitted),
  };
}

/** Runs on one pack: with its folder, and for comparison file by file and letter by letter. */
async function measure(browser: Browser, guard: Guard, pack: Pack, times: number, control: boolean): Promise<Report> {
  const market = await Market.open(browser, guard, pack);
  const complete = Object.values(pack.truth.slots).every((slot) => slot.status === 'filled' || slot.status === 'not_applicable');
  try {
    let understood: Understood | undefined;
    const runs: Run[] = [];
    for (let run = 0; run < times; run += 1) {
      runs.push(await measured(browser, guard, market, async (person) => {
        const filing = await begin(person, market);
        const sorted = await handIn(person, filing, pack);
        const confirmed = await confirm(person, filing, pack);
        // Looked at once: what is found does not depend on the run, and looking is not part of the way.
        if (!understood) {
          const beside = await person.page.context().newPage();
          understood = { ...sorted, ...confirmed, ...(await contradictions(beside, filing, pack)) };
          await beside.close();
          console.log(person.log.map((what) => `    ${what}`).join('\n'));
        }
        return complete ? submit(person, market, filing, pack) : undefined;
      }));
      const { human_seconds, machine_seconds, actions } = runs.at(-1)!;
      console.log(`  run ${run + 1} of ${times}: ${actions} actions, ${human_seconds} s human, ${machine_seconds} s machine`);
    }
    const found = { ...summary(runs), ...understood! };
    if (!control || !complete) return found;
    const manual = await measured(browser, guard, market, async (person) => {
      const filing = await begin(person, market);
      for (const [slot, files] of pack.documents) {
        const input = person.page.locator(`#slot-${slot} leptos-island input[type=file]`).last();
        await expect(person.page.locator(`#slot-${slot} leptos-island label`).last()).toBeVisible();
        await person.choose(slot, input, files, () => person.page.waitForEvent('load'));
      }
      await fillIn(person, filing, pack);
      await engage(person, market, filing);
      return submit(person, market, filing, pack);
    });
    return { ...found, manual };
  } finally {
    await market.close();
  }
}

type Report = ReturnType<typeof summary> & Understood & { manual?: Run };

/** The figures of one or more packs on one line: times and actions of the first, which is complete; what was understood over all. */
function together(packs: Record<string, Report>): Record<string, unknown> {
  const reports = Object.values(packs);
  const [first] = reports;
  const sum = (of: (report: Report) => number) => reports.reduce((total, report) => total + of(report), 0);
  const share = (of: (report: Report) => number, all: (report: Report) => number) => {
    const total = sum(all);
    return total ? Math.round((sum((report) => of(report) * all(report)) / total) * 1e4) / 1e4 : 1;
  };
  return {
    human_seconds: first!.human_seconds,
    machine_seconds: first!.machine_seconds,
    elapsed_seconds: first!.elapsed_seconds,
    actions: first!.actions,
    classification_accuracy: share((report) => report.classification_accuracy, (report) => report.files),
    extraction_accuracy: share((report) => report.extraction_accuracy, (report) => report.fields),
    findings_found: sum((report) => report.findings_found),
    findings_missed: sum((report) => report.findings_missed.length),
    findings_false: sum((report) => report.findings_false.length),
    silent_wrong_slots: sum((report) => report.silent_wrong_slots),
    packs,
  };
}

test('time to file', async ({ browser, guard }) => {
  test.setTimeout(0);
  guard.allow(/\b4\d\d\b.*\/filings\//);
  const control = process.env.CONTROL !== '0';
  const { PACK, TRUTH } = process.env;
  const packs: Record<string, Report> = {};
  if (PACK) {
    const from = process.env.GUXIN_E2E_FROM ?? '.';
    const folder = resolve(from, PACK);
    const truth = resolve(from, TRUTH ?? `${PACK.replace(/\/$/, '')}.truth.json`);
    packs[basename(folder)] = await measure(browser, guard, read(folder, truth), RUNS, control);
  } else {
    for (const [name, times] of [['clean', RUNS], ['messy', 1]] as const) {
      console.log(`the ${name} pack`);
      packs[name] = await measure(browser, guard, read(join(FIXTURES, name), join(FIXTURES, `${name}.truth.json`)), times, control);
    }
  }
  console.log(`RESULT ${JSON.stringify(together(packs))}`);
});
