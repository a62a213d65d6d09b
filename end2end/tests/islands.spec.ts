// The parts of pages that WebAssembly wakes, each against the real server: they take over what the server rendered, their calls
// reach its functions, and what it answers reaches the person.
import { draft, expect, passkey, signIn, test } from '../fixtures.ts';
import type { Page } from '@playwright/test';

/** The first page behind the links of a list on which `wanted` is found. */
async function open(page: Page, list: string, view: string, wanted: string): Promise<string> {
  await page.goto(list, { waitUntil: 'networkidle' });
  const links = await page.locator(`a[href^="${list}/"]`).evaluateAll((all) => all.map((one) => one.getAttribute('href')!));
  for (const link of new Set(links.filter((link) => /^\/\w+\/[0-9a-f-]{36}$/.test(link)))) {
    // Not away from a page whose islands are still being loaded.
    await page.goto(`${link}${view}`, { waitUntil: 'networkidle' });
    if ((await page.locator(wanted).count()) > 0) return link;
  }
  throw new Error(`no page behind ${list} has ${wanted}`);
}

test('a receipt is verified in the browser, and a changed one is refused @desktop', async ({ as }) => {
  const page = await as('regulator');
  await page.goto('/supervision/filings');
  const filings = await page.locator('a[href^="/supervision/filings/"]').evaluateAll((all) => all.map((one) => one.getAttribute('href')!.split('/')[3]));
  let receipt = '';
  for (const filing of filings) {
    const answer = await page.request.get(`/filings/${filing}/versions/1/receipt.json`);
    if (answer.ok()) receipt = await answer.text();
    // One with a firm's statement in it takes every step of the verifier.
    if (receipt.includes('"statement":')) break;
  }
  expect(receipt).toContain('guxin-receipt/v1');

  await page.goto('/verify', { waitUntil: 'networkidle' });
  const choose = (name: string, text: string) =>
    page.locator('#verify-receipt').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  const verdict = page.locator('.verdict');
  await choose('receipt.json', receipt);
  await expect(verdict).toHaveClass(/\bok\b/);
  await expect(page.locator('.checks li.failed')).toHaveCount(0);

  await choose('receipt.json', receipt.replace(/"vkey":"[^"+]+/, '$&x'));
  await expect(verdict).toHaveClass(/\bbad\b/);
  await choose('receipt.json', receipt.replace('"attestations":', '"attestation":'));
  await expect(page.locator('.checks li').first()).toHaveClass(/\bfailed\b/);
  await choose('receipt.json', receipt);
  await expect(verdict).toHaveClass(/\bok\b/);
  await page.locator('#verify-document').setInputFiles({ name: 'abc.txt', mimeType: 'text/plain', buffer: Buffer.from('abc') });
  await expect(page.locator('main')).toContainText('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  await expect(page.locator('main')).toContainText('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
  await expect(verdict).toHaveClass(/\bbad\b/);
});

test('a field saves itself, and says what is wrong with it @desktop', async ({ as, allow }) => {
  allow(/\b422\b.*\/do\/filing\/save-field/);
  const page = await as('enterprise');
  // Its own: in one that others fill the same field, their value would come in between.
  await page.goto(`${await draft(page)}?view=fields`, { waitUntil: 'networkidle' });
  const island = page.locator('.autosave', { has: page.locator('#registered_capital') });
  const field = island.locator('#registered_capital');
  const before = await field.inputValue();
  await field.fill('3,100 万元');
  await expect(island.locator('.saved, .warning')).toBeVisible();
  await field.fill('很多');
  await expect(island.locator('.autosave-state .error')).not.toBeEmpty();
  await field.fill(before || '3,000 万元');
  await expect(island.locator('.saved, .warning')).toBeVisible();
});

test('a file goes up, and a refused one says why @desktop', async ({ as, allow }) => {
  allow(/\b4\d\d\b.*\/filings\//);
  const page = await as('enterprise');
  // Other tests fill every slot of theirs: one that still asks for a file.
  await open(page, '/filings', '', '.upload:has(label.button)');
  const island = page.locator('.upload', { has: page.locator('label.button') }).first();
  await expect(island.locator('label.button')).toBeVisible();
  await island.locator('label.button input').setInputFiles({ name: 'program.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ program') });
  await expect(island.locator('.error')).not.toBeEmpty();
});

test('a passkey is registered and signs a firm\'s decision @desktop', async ({ page }) => {
  // A new passkey gives the session another id: not the session that all tests of the run share.
  await signIn(page, 'accountant');
  const authenticator = await passkey(page);
  await page.goto('/account');
  await page.locator('button', { has: page.locator('svg') }).filter({ hasText: '通行密钥' }).first().click();
  await expect.poll(async () => (await authenticator.credentials()).length).toBe(1);
  await expect(page.getByRole('status').first()).toBeVisible();

  await open(page, '/engagements', '', 'leptos-island .actions .button');
  const island = page.locator('leptos-island').filter({ has: page.locator('.actions .button') }).first();
  await island.locator('.actions .button').first().click();
  await expect(island.locator('.facts')).toBeVisible();
  const reloaded = page.waitForEvent('load');
  await island.locator('.actions .button.primary').click();
  await reloaded;
  await expect(page.locator('.callout.proven').first()).toBeVisible();
});
