// The pages that need no account: each is accessible, carries the headers of a public page, and works without JavaScript.
import { axe, expect, shot, test } from '../fixtures.ts';

const PAGES: [name: string, path: string][] = [
  ['home', '/'],
  ['login', '/login'],
  ['register', '/register'],
  ['rules', '/rules'],
  ['verify', '/verify'],
  ['ledger', '/ledger'],
  ['ledger-entry', '/ledger/entries/3'],
  ['ledger-checkpoints', '/ledger/checkpoints'],
  ['ledger-consistency', '/ledger/consistency'],
  ['styleguide', '/styleguide'],
];

for (const [name, path] of PAGES) {
  test(`${name} is accessible @nojs`, async ({ page }) => {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(200);
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
    // The style guide shows the head of a page among the components.
    await expect(page.locator('h1')).toHaveCount(name === 'styleguide' ? 2 : 1);
    await axe(page);
    await shot(page, name);
  });

  test(`${name} fits its window @nojs`, async ({ page }) => {
    await page.goto(path);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, 'pixels that stick out sideways').toBeLessThanOrEqual(0);
  });

  test(`${name} is accessible in the dark`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(path);
    await axe(page);
    await shot(page, `${name}.dark`);
  });
}

test('pages without an island load no WebAssembly @desktop', async ({ page }) => {
  const loaded: string[] = [];
  page.on('request', (request) => {
    if (/\.wasm$|\/pkg\/.*\.js$/.test(new URL(request.url()).pathname)) loaded.push(request.url());
  });
  for (const path of ['/', '/rules', '/register', '/ledger/entries/0']) {
    await page.goto(path, { waitUntil: 'networkidle' });
    await expect(page.locator('leptos-island'), `${path} has no island`).toHaveCount(0);
  }
  expect(loaded).toEqual([]);
});
