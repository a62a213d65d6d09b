// The guard must catch what it promises to catch, or every other story could pass on a broken page. The pages here are made
// up by the test, so nothing of the product can make them pass by accident; a test that must fail is expected to.
import { expect, test } from '../fixtures.ts';
import type { Page } from '@playwright/test';

async function serve(page: Page, body: string, options: { status?: number; headers?: Record<string, string> } = {}): Promise<void> {
  await page.route('**/made-up', (route) =>
    route.fulfill({ status: options.status ?? 200, contentType: 'text/html', headers: options.headers ?? {}, body: `<!doctype html><title>made up</title>${body}` }),
  );
  await page.goto('/made-up');
}

test.describe('fails a test @desktop', () => {
  test('for an error in the console', async ({ page }) => {
    test.fail();
    await serve(page, '<script>console.error("broken")</script>');
  });

  test('for an exception that nobody caught', async ({ page }) => {
    test.fail();
    await serve(page, '<script>throw new Error("broken")</script>');
  });

  test('for a violation of the content security policy', async ({ page }) => {
    test.fail();
    await serve(page, '<p style="color: red">inline</p>', { headers: { 'content-security-policy': "style-src 'self'" } });
  });

  test('for an answer of 500', async ({ page }) => {
    test.fail();
    await serve(page, '<p>broken</p>', { status: 500 });
  });

  test('for a picture that is missing', async ({ page }) => {
    test.fail();
    await page.route('**/missing.png', (route) => route.fulfill({ status: 404 }));
    await serve(page, '<img src="/missing.png" alt="">');
    await page.waitForLoadState('load');
  });

  test('for an island that stayed dead', async ({ page }) => {
    test.fail();
    await serve(page, '<script>console.warn("Could not find WASM function for the island X.")</script>');
  });
});

test('a page that was refused is not an error of the page @desktop', async ({ page, guard }) => {
  await serve(page, '<p>not found</p>', { status: 404 });
  await expect(page.getByText('not found')).toBeVisible();
  expect(guard.findings).toEqual([]);
});

test('an allowance covers what it names and nothing else @desktop', async ({ page, guard, allow }) => {
  allow(/expected/);
  const message = page.waitForEvent('console');
  await serve(page, '<script>console.error("expected")</script>');
  await message;
  expect(guard.findings).toHaveLength(1);
  expect(guard.remaining()).toEqual([]);
});
