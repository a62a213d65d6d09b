// What somebody outside sees who does not believe the platform: proofs of the public ledger recomputed in the own browser, also when
// somebody on the way tampers; and the verifier kept on disk, opened without a network.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Page, Route } from '@playwright/test';
import { axe, expect, shot, test } from '../fixtures.ts';

const card = (page: Page) => page.locator('[data-recompute]');

/** Released sizes, newest first, as the history lists them. */
async function sizes(page: Page): Promise<number[]> {
  await page.goto('/ledger/checkpoints');
  const links = await page.locator('a[href^="/ledger/checkpoint/"]').evaluateAll((all) => all.map((one) => one.getAttribute('href')!));
  return links.map((link) => Number(link.split('/').pop())).filter((size) => size > 0);
}

/** Passes a tile on with a bit of every hash turned; of entries with as many. */
async function tampered(route: Route): Promise<void> {
  const answer = await route.fetch();
  const body = await answer.body();
  for (let at = 31; at < body.length; at += 32) body[at]! ^= 1;
  await route.fulfill({ response: answer, body });
}

test('an entry is recomputed from the public tiles, step by step @desktop', async ({ page }) => {
  await page.goto('/ledger/entries/3');
  await expect(card(page)).toHaveAttribute('data-outcome', 'good');
  const steps = card(page).locator('li');
  expect(await steps.count()).toBeGreaterThan(6);
  await expect(card(page).locator('li:not(.ok)')).toHaveCount(0);
  await axe(page);
  await shot(page, 'ledger-entry.recomputed');
});

test('a tampered tile, entry or page does not verify @desktop', async ({ page }) => {
  const newest = (await sizes(page))[0]!;
  for (const pattern of ['**/ledger/tile/0/**', '**/ledger/tile/entries/**']) {
    await page.route(pattern, tampered);
    await page.goto(`/ledger/entries/${newest - 1}`);
    await expect(card(page), pattern).toHaveAttribute('data-outcome', 'bad');
    await expect(card(page).locator('[data-verdict]')).toContainText('未通过');
    await page.unroute(pattern);
  }
  // The server's page lies about one hash; the tiles do not.
  await page.route('**/ledger/entries/3', async (route) => {
    const answer = await route.fetch();
    const text = await answer.text();
    await route.fulfill({ response: answer, body: text.replace(/(data-step="level"[^>]*data-hash=")(.)/, (_, head, digit) => head + (digit === '0' ? '1' : '0')) });
  });
  await page.goto('/ledger/entries/3');
  await expect(card(page)).toHaveAttribute('data-outcome', 'bad');
  await expect(card(page).locator('li.failed')).toHaveCount(1);
  await page.unroute('**/ledger/entries/3');
  // A checkpoint with another root: signed by nobody.
  await page.route('**/ledger/checkpoint/*', async (route) => {
    const answer = await route.fetch();
    const lines = (await answer.text()).split('\n');
    lines[2] = Buffer.alloc(32, 7).toString('base64');
    await route.fulfill({ response: answer, body: lines.join('\n') });
  });
  await page.goto('/ledger/entries/3');
  await expect(card(page)).toHaveAttribute('data-outcome', 'bad');
  await expect(card(page).locator('li[data-step="root"].failed')).toHaveCount(1);
  await expect(card(page).locator('li[data-step="signature"].failed')).toHaveCount(1);
});

test('any two checkpoints are shown to be consistent, and a tampered tile is noticed @desktop', async ({ page }) => {
  const known = await sizes(page);
  await shot(page, 'ledger-checkpoints');
  expect(known.length).toBeGreaterThan(1);
  // Each with the newest, and the same question the other way round.
  const pairs = [...known.slice(1).map((size) => [size, known[0]!]), [known[0]!, known.at(-1)!]];
  for (const [from, to] of pairs) {
    await page.goto(`/ledger/consistency?from=${from}&to=${to}`);
    await expect(card(page), `${from} to ${to}`).toHaveAttribute('data-outcome', 'good');
    await expect(card(page).locator('li:not(.ok)')).toHaveCount(0);
  }
  await page.goto(`/ledger/consistency?from=${known.at(-1)}&to=${known[0]}`);
  await expect(card(page)).toHaveAttribute('data-outcome', 'good');
  await axe(page);
  await shot(page, 'ledger-consistency.recomputed');
  await page.route('**/ledger/tile/**', tampered);
  await page.reload();
  await expect(card(page)).toHaveAttribute('data-outcome', 'bad');
  await shot(page, 'ledger-consistency.refuted');
});

test('without scripts the hashes and the command are there @nojs @plain', async ({ page }) => {
  await page.goto('/ledger/entries/3');
  await expect(card(page).locator('li.pending')).not.toHaveCount(0);
  await expect(page.locator('main')).toContainText('guxin verify 3.tlog-proof');
  const known = await sizes(page);
  await page.goto(`/ledger/consistency?from=${known.at(-1)}&to=${known[0]}`);
  await expect(card(page).locator('li[data-step="node"]')).not.toHaveCount(0);
  await expect(page.locator('main')).toContainText('guxin ledger audit');
});

test('the verifier kept on disk works without network @desktop', async ({ as, browser }, info) => {
  const regulator = await as('regulator');
  await regulator.goto('/supervision/filings');
  const filings = await regulator.locator('a[href^="/supervision/filings/"]').evaluateAll((all) => all.map((one) => one.getAttribute('href')!.split('/')[3]));
  let receipt = '';
  let document: Buffer | undefined;
  for (const filing of filings) {
    const answer = await regulator.request.get(`/filings/${filing}/versions/1/receipt.json`);
    if (!answer.ok()) continue;
    receipt = await answer.text();
    await regulator.goto(`/supervision/filings/${filing}?view=documents&version=1`);
    const link = await regulator.locator('a[href$="/content"]').first().getAttribute('href');
    document = await (await regulator.request.get(link!, { headers: { 'accept-encoding': 'identity' } })).body();
    break;
  }
  expect(receipt).toContain('guxin-receipt/v1');
  const served = await regulator.request.get('/verify/guxin-verify.html');
  expect(served.headers()['content-disposition']).toContain('attachment');
  const file = info.outputPath('guxin-verify.html');
  writeFileSync(file, await served.body());

  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const asked: string[] = [];
  const wrong: string[] = [];
  page.on('request', (request) => { if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url()); });
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (line) => { if (line.type() === 'error') wrong.push(line.text()); });
  await page.goto(pathToFileURL(file).href);
  const verdict = page.locator('.verdict');
  await page.locator('#verify-receipt').setInputFiles({ name: 'receipt.json', mimeType: 'application/json', buffer: Buffer.from(receipt) });
  await expect(verdict).toHaveClass(/\bok\b/);
  await page.locator('#verify-document').setInputFiles({ name: 'document.pdf', mimeType: 'application/pdf', buffer: document! });
  await expect(verdict).toContainText('文件');
  await expect(verdict).toHaveClass(/\bok\b/);
  await expect(page.locator('.checks li.failed')).toHaveCount(0);
  await page.screenshot({ path: 'artefacts/desktop/verify-offline.png', fullPage: true });
  await page.locator('#verify-document').setInputFiles({ name: 'other.pdf', mimeType: 'application/pdf', buffer: Buffer.from('another') });
  await expect(verdict).toHaveClass(/\bbad\b/);
  // Its policy lets it reach nobody, even with a network.
  await context.setOffline(false);
  const reached = await page.evaluate(() => fetch('http://localhost/').then(() => true, () => false));
  expect(reached).toBe(false);
  expect(asked).toEqual([]);
  expect(wrong.filter((text) => !text.includes('Content Security Policy') && !text.includes('http://localhost'))).toEqual([]);
  await context.close();
});
