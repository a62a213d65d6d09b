// A folder becomes a filing's documents: what is certain is placed with its reason, what is not is asked, a lost connection
// and a closed tab cost nothing, and every answer can be taken back.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from '@playwright/test';
import { axe, draft, expect, shot, test } from '../fixtures.ts';
import { DOCUMENTS, fact } from '../pack.ts';

const CLEAN = join(import.meta.dirname, '..', 'fixtures', 'clean');

/** A small PDF that no other call with another text gives. */
function pdf(text: string): Buffer {
  return Buffer.from(`%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n% ${text}\ntrailer<</Root 1 0 R>>\n%%EOF\n`);
}

const files = (page: Page) => page.locator('[data-pick] input:not([data-folder])');
const folder = (page: Page) => page.locator('[data-pick] input[data-folder]');
const questions = (page: Page) => page.locator('.intake-file.look');

/** The page after everything was read: it shows itself anew. */
async function sorted(page: Page, hand: () => Promise<void>, timeout = 30_000): Promise<void> {
  const again = page.waitForEvent('load', { timeout });
  await hand();
  await again;
  // Where nothing is asked the page has gone on to what is to be confirmed.
  if (page.url().includes('view=confirm')) await page.goto(new URL(page.url()).pathname);
  await expect(page.locator('[data-intake]')).toHaveAttribute('data-working', '0');
}

test('a folder is sorted into its slots, and nothing lies in a wrong one', async ({ as }) => {
  test.slow();
  const page = await as('enterprise');
  const filing = await draft(page);
  await sorted(page, () => folder(page).setInputFiles(CLEAN), 150_000);
  await page.goto(filing);
  let placed = 0;
  for (const [slot, paths] of DOCUMENTS) {
    for (const name of await page.locator(`#slot-${slot} .slot-file .file-name`).allTextContents()) {
      expect(paths.map((path) => basename(path)), `in ${slot}`).toContain(name);
      placed += 1;
    }
  }
  const asked = await questions(page).count();
  const aside = await page.locator('[data-intake] details .intake-file').count();
  const names = DOCUMENTS.flatMap(([, paths]) => paths).length;
  // The pack's own list of contents is no document.
  expect(placed + asked + aside, `${placed} placed, ${asked} asked, ${aside} aside`).toBeGreaterThanOrEqual(names);
  await axe(page);
  await shot(page, 'intake-sorted');

  // What the documents say stands beside the form; one press fills what is empty and undisputed.
  await page.goto(`${filing}?view=fields`);
  await axe(page);
  await page.locator('form[action="/do/fact/adopt-all"] button').click();
  await expect(page.locator('form[action="/do/fact/adopt-all"]')).toHaveCount(0);
  for (const field of ['registered_capital', 'law_firm_name', 'audit_report_number']) {
    await expect(page.locator(`#${field}`), field).not.toHaveValue('');
  }
  await expect(page.locator('#accounting_firm_name')).toHaveValue(fact('auditor'));
  await expect(page.locator('.fact-line').first()).toBeVisible();
  await shot(page, 'intake-fields');
  // A value that a person types stays, and what the document says stays beside it.
  await page.locator('#accounting_firm_name').fill('另一家会计师事务所');
  await expect(page.locator('.autosave', { has: page.locator('#accounting_firm_name') }).locator('.saved')).toBeVisible();
  await page.reload();
  await expect(page.locator('#accounting_firm_name')).toHaveValue('另一家会计师事务所');
  await expect(page.locator('button[form="adopt-accounting_firm_name"]')).toBeVisible();

  // The form now contradicts the report: a finding with both, which can be explained and kept.
  await page.goto(`${filing}?view=findings`);
  await axe(page);
  await shot(page, 'intake-findings');
});

test('what documents say is confirmed on one page, and only what is ticked', async ({ as }) => {
  test.slow();
  const page = await as('enterprise');
  const filing = await draft(page);
  const [, audit] = DOCUMENTS.find(([slot]) => slot === 'audit_report')!;
  const arrived = page.waitForURL(/view=confirm/, { timeout: 150_000 });
  await files(page).setInputFiles(audit);
  await arrived;
  const tick = (field: string) => page.locator(`#confirm input[type=checkbox][name="adopt[${field}]"]`);
  await expect(tick('audit_report_number')).toBeChecked();
  // Whom the documents name is offered with the place that says so, and can be left out.
  await expect(page.locator('#firms')).toContainText(fact('auditor'));
  await expect(page.locator('#firms a[href*="/source?"]').first()).toBeVisible();
  await page.locator('#firms input[type=checkbox]').uncheck();
  await axe(page);
  await shot(page, 'intake-confirm');
  await tick('audit_opinion').uncheck();
  await page.locator('#confirm button:not([value=send])').click();
  await expect(page.locator('.flash')).toBeVisible();
  await page.goto(`${filing}?view=fields`);
  await expect(page.locator('#audit_report_number')).not.toHaveValue('');
  await expect(page.locator('#audit_opinion')).toHaveValue('');
});

test('what is not certain is asked; an answer can be moved and taken back', async ({ as }) => {
  const page = await as('enterprise');
  await draft(page);
  await sorted(page, () => files(page).setInputFiles([{ name: 'KX-77.pdf', mimeType: 'application/pdf', buffer: pdf('asked') }]));
  const question = questions(page);
  await expect(question).toHaveCount(1);
  await axe(page);
  await shot(page, 'intake-question');
  await question.locator('select').selectOption('custody_agreement');
  await question.locator('form', { has: page.locator('select') }).locator('button').click();
  const slot = page.locator('#slot-custody_agreement');
  await expect(slot.locator('.file-name')).toHaveText('KX-77.pdf');
  await expect(slot.locator('.file-why')).toContainText('由您指定');

  await slot.locator('.move summary').click();
  await slot.locator('.move select').selectOption('legal_opinion');
  await slot.locator('.move button').click();
  await expect(page.locator('#slot-legal_opinion .file-name')).toHaveText('KX-77.pdf');
  await page.locator('#slot-legal_opinion form[action="/do/intake/undo"] button').click();
  await expect(slot.locator('.file-name')).toHaveText('KX-77.pdf');
});

test('a lost connection is waited out, and a closed tab goes on where it stopped @desktop', async ({ as, allow }) => {
  allow(/ERR_|Failed to load|net::/);
  const page = await as('enterprise');
  const filing = await draft(page);
  const large = Buffer.concat([pdf('large').subarray(0, 9), Buffer.alloc(3_000_000, '% filler\n'), pdf('large').subarray(9)]);
  const offsets: number[] = [];
  let cut = true;
  await page.route('**/intake/*', async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    offsets.push(Number(route.request().headers()['upload-offset']));
    if (cut && offsets.length > 1) return route.abort('connectionreset');
    return route.continue();
  });
  const hand = () => files(page).setInputFiles([{ name: 'KX-88.pdf', mimeType: 'application/pdf', buffer: large }]);
  await hand();
  await expect(page.locator('.uploads')).toContainText('连接中断');
  await shot(page, 'intake-lost');
  // The tab goes; the page tells what is not complete.
  await page.goto(filing);
  await expect(page.locator('[data-intake]')).toContainText('没有传完 1 个');
  cut = false;
  offsets.length = 0;
  await sorted(page, hand);
  expect(offsets[0], 'it goes on behind the first megabyte').toBe(1 << 20);
  await expect(questions(page)).toHaveCount(1);
});

test('what the platform knows is not sent, and what it cannot take says why @desktop', async ({ as }) => {
  const page = await as('enterprise');
  await draft(page);
  const hand = (list: { name: string; buffer: Buffer }[]) => files(page).setInputFiles(list.map((file) => ({ ...file, mimeType: 'application/pdf' })));
  const encrypted = Buffer.from(pdf('locked').toString().replace('trailer<<', 'trailer<</Encrypt 9 0 R'));
  await sorted(page, () => hand([{ name: 'KX-1.pdf', buffer: pdf('known') }, { name: '加密.pdf', buffer: encrypted }, { name: '.DS_Store', buffer: Buffer.from('x') }]));
  await expect(page.locator('.intake-file.bad')).toContainText('密码');
  await axe(page);
  await shot(page, 'intake-held');
  const sent: string[] = [];
  page.on('request', (request) => { if (request.method() === 'PATCH') sent.push(request.url()); });
  await hand([{ name: 'KX-1.pdf', buffer: pdf('known') }, { name: '说明.txt', buffer: Buffer.from('x') }]);
  await expect(page.locator('.uploads .error')).toContainText('txt');
  expect(sent).toEqual([]);
});

test('dropped files are taken, wherever on the page @desktop', async ({ as }) => {
  const page = await as('enterprise');
  await draft(page);
  await sorted(page, async () => {
    const transfer = await page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'KX-5.pdf', { type: 'application/pdf' }));
      return data;
    }, pdf('dropped').toString());
    await page.dispatchEvent('h1', 'dragover', { dataTransfer: transfer });
    await expect(page.locator('[data-drop]')).toHaveClass(/over/);
    await page.dispatchEvent('h1', 'drop', { dataTransfer: transfer });
  });
  await expect(questions(page)).toContainText('KX-5.pdf');
});

test('a plain form hands in several files and an archive @plain', async ({ as }) => {
  const page = await as('enterprise');
  const filing = await draft(page);
  const work = mkdtempSync(join(tmpdir(), 'guxin-intake-'));
  mkdirSync(work, { recursive: true });
  try {
    const paths = ['KX-1.pdf', 'KX-2.pdf'].map((name) => join(work, name));
    for (const path of paths) writeFileSync(path, pdf(path));
    await page.locator('#intake-files').setInputFiles(paths);
    await page.locator('[data-plain] button').click();
    await expect(page.locator('[role=status], .flash').first()).toContainText('2 个文件');
  } finally {
    rmSync(work, { recursive: true });
  }
  await expect(async () => {
    await page.goto(filing);
    await expect(questions(page)).toHaveCount(2);
  }).toPass({ timeout: 15_000 });
  await questions(page).first().locator('select').selectOption('credit_tax_social');
  await questions(page).first().locator('form', { has: page.locator('select') }).locator('button').click();
  await expect(page.locator('#slot-credit_tax_social .file-name')).toHaveText('KX-1.pdf');
  await axe(page);
  await shot(page, 'intake-plain');
});
