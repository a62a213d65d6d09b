// What every spec imports in place of Playwright's own `test`: guarded pages, roles, accessibility, screenshots.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type BrowserContext, type Page } from '@playwright/test';
import type { Role } from './accounts.ts';
import { Guard } from './guard.ts';
import { session } from './sign-in.ts';

export { expect };
export { passkey } from './passkey.ts';
export { signIn } from './sign-in.ts';
export { Instance } from './instance.ts';
export type { Role } from './accounts.ts';

interface Fixtures {
  guard: Guard;
  /** A new page, in a browser profile of its own, signed in as this role. Several may be open at once, like several people. */
  as: (role: Role) => Promise<Page>;
  /** Declares findings that this test provokes on purpose. */
  allow: (pattern: RegExp) => void;
}

export const test = base.extend<Fixtures>({
  guard: [
    async ({}, use) => {
      const guard = new Guard();
      await use(guard);
      expect(guard.remaining(), 'errors, policy violations and answers of 500 and above during this test').toEqual([]);
    },
    { auto: true },
  ],
  allow: async ({ guard }, use) => {
    await use((pattern) => guard.allow(pattern));
  },
  context: async ({ context, guard }, use) => {
    guard.watch(context);
    await use(context);
  },
  as: async ({ browser, guard }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (role) => {
      const context = await browser.newContext({ storageState: await session(browser, role) });
      contexts.push(context);
      guard.watch(context);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },
});

/** Asserts that axe finds nothing on the page as it is now (WCAG 2.2 A and AA, and best practice). */
export async function axe(page: Page): Promise<void> {
  const subject = test.info().project.use.javaScriptEnabled === false ? await withoutScripts(page) : page;
  // Whatever scrolls under the dock or the bar is reached by scrolling; axe would call it covered.
  await subject.evaluate(() => {
    for (const over of document.querySelectorAll<HTMLElement>('.dock, .bar')) over.style.setProperty('position', 'static');
    scrollTo(0, 0);
  });
  // Half-way through a fade everything is pale. What turns for ever (a spinner) is not waited for.
  await subject.evaluate(() => {
    const passing = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(passing.map((animation) => animation.finished)).then(() => undefined);
  });
  const { violations } = await new AxeBuilder({ page: subject })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  if (subject !== page) await subject.context().close();
  const readable = violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id} (${violation.impact}): ${violation.help}\n    ${node.target.join(' ')}\n    ${node.failureSummary?.replace(/\n\s*/g, ' ')}`),
  );
  // Soft: a story that is long in telling names everything at once.
  expect.soft(readable, `accessibility of ${page.url()}`).toEqual([]);
}

// axe is a script and cannot run where scripts are off: it gets the same document, minus the page's scripts, in a view that allows them.
async function withoutScripts(page: Page): Promise<Page> {
  const html = (await page.content()).replace(/<script\b[^>]*>.*?<\/script>/gs, '');
  const browser = page.context().browser();
  if (!browser) throw new Error('the page has no browser');
  const copy = await (await browser.newContext({ javaScriptEnabled: true })).newPage();
  await copy.route(page.url(), (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
  await copy.goto(page.url());
  return copy;
}

/** Saves the whole page as artefacts/<project>/<name>.png, with fonts loaded and movement finished. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = join(import.meta.dirname, 'artefacts', test.info().project.name);
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: 'disabled', caret: 'hide' });
}

/** Opens an application of this test's own; answers its address. */
export async function draft(page: Page): Promise<string> {
  await page.goto('/filings/new');
  await page.locator('input[name=board]').first().check();
  await page.locator('form[action="/do/filing/open"] button').first().click();
  await page.waitForURL(/\/filings\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}
