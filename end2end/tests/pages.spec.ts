// Every page that needs an account, as each role sees it over the demonstration data: answers 200, has one heading, fits its
// window and is accessible: on a desktop in light and dark, on a phone, and without JavaScript; in English on a desktop. Pages of
// one thing are reached as people reach them: through the first link of a list.
import type { Page } from '@playwright/test';
import { axe, expect, shot, test, type Role } from '../fixtures.ts';
import { session } from '../sign-in.ts';

/** A page, and how to get there from it: the first link with this address, then that page's views. */
interface Visit {
  name: string;
  path: string;
  /** Follow the first link whose address starts with this … */
  into?: string;
  /** … and then look at the page with these queries, or at what lies below it. */
  views?: string[];
  /** What it answers; 200 unless said. */
  status?: number;
}

const VISITS: Record<Role, Visit[]> = {
  enterprise: [
    { name: 'filings', path: '/filings' },
    { name: 'filings-none', path: '/filings?stage=rejected' },
    { name: 'filing-new', path: '/filings/new' },
    { name: 'filing', path: '/filings', into: '/filings/0', views: ['', '?view=fields', '?view=firms', '?view=versions', '/submit', '/holders'] },
    { name: 'account', path: '/account' },
    { name: 'organisation', path: '/organisation' },
    { name: 'step-up', path: '/step-up?next=/filings' },
    { name: 'supervision-refused', path: '/supervision', status: 403 },
    { name: 'nowhere', path: '/filings/00000000-0000-7000-8000-000000000000', status: 404 },
  ],
  accountant: [
    { name: 'engagements', path: '/engagements' },
    { name: 'engagement', path: '/engagements', into: '/engagements/0' },
  ],
  lawyer: [{ name: 'engagements', path: '/engagements?status=accepted' }],
  sponsor: [{ name: 'engagement', path: '/engagements', into: '/engagements/0' }],
  reviewer: [
    { name: 'queue', path: '/review' },
    { name: 'review', path: '/review?view=all', into: '/review/0', views: ['', '?view=documents', '?do=accept', '?do=correct', '?do=recommend'] },
  ],
  'second-reviewer': [{ name: 'queue', path: '/review?view=all' }],
  regulator: [
    { name: 'overview', path: '/supervision' },
    { name: 'companies', path: '/supervision/companies' },
    { name: 'companies-none', path: '/supervision/companies?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E5%AE%B6' },
    { name: 'company', path: '/supervision/companies', into: '/supervision/companies/0' },
    { name: 'filings', path: '/supervision/filings' },
    { name: 'filing', path: '/supervision/filings?stage=listed', into: '/supervision/filings/0', views: ['', '?view=documents', '?view=attestations', '?view=versions', '?view=review', '?view=timeline'] },
    { name: 'document', path: '/supervision/filings?stage=listed', into: '/supervision/filings/0', views: ['?view=documents>/supervision/documents/0'] },
    { name: 'access', path: '/supervision/access' },
    { name: 'ledger', path: '/ledger' },
    { name: 'leaf', path: '/ledger', into: '/ledger/entries/' },
  ],
  operator: [
    { name: 'organisations', path: '/admin/organisations' },
    { name: 'organisation-new', path: '/admin/organisations/new' },
    { name: 'organisation', path: '/admin/organisations', into: '/admin/organisations/0' },
    { name: 'people', path: '/admin/people' },
    { name: 'rule-packs', path: '/admin/rule-packs' },
    { name: 'rule-pack', path: '/admin/rule-packs', into: '/admin/rule-packs/listing' },
  ],
};

/** Goes to the first link of this page whose address starts so. */
async function follow(page: Page, start: string): Promise<void> {
  const href = await page.locator(`main a[href^="${start}"]`).first().getAttribute('href');
  await look(page, href!);
}

async function look(page: Page, path: string, status = 200): Promise<void> {
  const answer = await page.goto(path);
  expect(answer?.status(), path).toBe(status);
  await expect.soft(page.locator('h1'), path).toHaveCount(1);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(overflow, `${path}: pixels that stick out sideways`).toBeLessThanOrEqual(0);
}

/** Goes to every page of a role and hands each, with its name, to `seen`. */
async function walk(page: Page, visits: Visit[], seen: (name: string) => Promise<void>): Promise<void> {
  for (const { name, path, into, views = [''], status } of visits) {
    await look(page, path, status);
    if (into) await follow(page, into);
    const { pathname } = new URL(page.url());
    for (const [at, view] of views.entries()) {
      if (into && view) {
        const [query, further] = view.split('>');
        await look(page, pathname + query);
        if (further) await follow(page, further);
      }
      await seen(`${name}${at ? `-${at}` : ''}`);
    }
  }
}

for (const [role, visits] of Object.entries(VISITS) as [Role, Visit[]][]) {
  test(`the pages of ${role} @nojs`, async ({ as }, info) => {
    test.setTimeout(900_000);
    const page = await as(role);
    await walk(page, visits, async (name) => {
      // Without scripts it is the same document, which axe has read on the desktop.
      if (info.project.name === 'no-javascript') return;
      await axe(page);
      await shot(page, `${role}-${name}`);
      if (info.project.name !== 'desktop') return;
      await page.emulateMedia({ colorScheme: 'dark' });
      await axe(page);
      await shot(page, `${role}-${name}.dark`);
      await page.emulateMedia({ colorScheme: null });
    });
  });

  test(`the pages of ${role} in English @desktop`, async ({ browser, guard }) => {
    test.setTimeout(900_000);
    // A profile of its own, so that the language of the shared one stays.
    const context = await browser.newContext({ storageState: await session(browser, role), locale: 'en-GB' });
    guard.watch(context);
    const page = await context.newPage();
    await page.goto('/home?lang=en');
    await walk(page, visits, async (name) => {
      await expect(page.locator('html')).toHaveAttribute('lang', 'en');
      await shot(page, `${role}-${name}.en`);
    });
    await context.close();
  });
}
