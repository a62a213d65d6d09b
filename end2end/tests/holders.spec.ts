// The holder register from a workbook to a checked record: what is wrong stands at its cell, numbers of people stay masked, a row is
// corrected in two tabs without losing a word, and an import can be gone back to. Then: where a value stands, and one file cut in two.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { axe, draft, expect, shot, test } from '../fixtures.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');

/** Uploads through the plain form of the register's page. */
async function upload(page: Page, file: string): Promise<void> {
  await page.locator('details', { has: page.locator('#workbook') }).locator('summary').click();
  await page.locator('#workbook').setInputFiles(file);
  await page.locator('form', { has: page.locator('#workbook') }).locator('button').click();
  await page.waitForLoadState();
}

test('a workbook becomes the register, and two tabs lose nothing @nojs', async ({ as }) => {
  test.slow();
  const page = await as('enterprise');
  const filing = await draft(page);
  await page.goto(`${filing}/holders`);
  await axe(page);
  await upload(page, join(FIXTURES, 'messy', '名册.xlsx'));
  await page.goto(`${filing}/holders`);
  const rows = page.locator('tbody tr[data-row]');
  await expect(rows).toHaveCount(6);
  await expect(page.locator('body')).not.toContainText('320200197405190074');
  await expect(page.locator('.callout').filter({ hasText: '持股比例合计' })).toBeVisible();
  await axe(page);
  await shot(page, 'holders-preview');

  await page.locator('form[action="/do/holder-register/import"] button').click();
  await expect(rows).toHaveCount(6);
  await axe(page);
  await shot(page, 'holders-register');

  // Two tabs have the same row open; the second to save is told, and what was typed is still there.
  const other = await page.context().newPage();
  for (const tab of [page, other]) await tab.goto(`${filing}/holders?edit=1`);
  await axe(page);
  await shot(page, 'holders-edit');
  await page.locator('#note').fill('第一位');
  await page.locator('#holder-form button').click();
  await expect(page.locator('#holder-1')).toContainText('第一位');
  await other.locator('#note').fill('第二位');
  await other.locator('#holder-form button').click();
  await expect(other.locator('#note')).toHaveValue('第二位');
  await expect(other.locator('#name-error')).toBeVisible();
  await expect(other.locator('#note-warning')).toContainText('第一位');
  await other.locator('#holder-form button').click();
  await expect(other.locator('#holder-1')).toContainText('第二位');
  await other.close();

  // Imported again, and gone back.
  await page.goto(`${filing}/holders?view=import`);
  await page.locator('form[action="/do/holder-register/import"] button').click();
  await expect(page.locator('#holder-1')).not.toContainText('第二位');
  await page.locator('form[action="/do/holder-register/restore"] button').first().click();
  await expect(page.locator('#holder-1')).toContainText('第二位');
  await shot(page, 'holders-imports');
});

test('a value leads to its place on the page @nojs', async ({ as }) => {
  test.slow();
  const page = await as('enterprise');
  const filing = await draft(page);
  const slot = page.locator('#slot-application_letter');
  await page.goto(filing);
  const file = join(FIXTURES, 'clean', '01 申请文件', '1-1 挂牌申请书.pdf');
  if (test.info().project.use.javaScriptEnabled === false) {
    await slot.locator('details summary').first().click();
    await slot.locator('#file-application_letter').setInputFiles(file);
    await slot.locator('form[enctype] button').click();
  } else {
    // Once it is alive the island has a button in place of the plain form.
    await slot.locator('.upload .button input[type=file]').setInputFiles(file);
  }
  await expect(slot.locator('.file-name')).toBeVisible();
  await expect(async () => {
    await page.goto(`${filing}?view=fields`);
    await expect(page.locator('.fact-line a').first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await page.locator('.fact-line a').first().click();
  await expect(page.locator('.page-view img')).toBeVisible();
  await expect(page.locator('#value')).toBeAttached();
  await axe(page);
  await shot(page, 'source-page');
});

test('a file that holds two documents is cut in two', async ({ as }) => {
  test.slow();
  const page = await as('enterprise');
  const filing = await draft(page);
  const again = page.waitForEvent('load', { timeout: 60_000 });
  await page.locator('[data-pick] input:not([data-folder])').setInputFiles(join(FIXTURES, 'bound.pdf'));
  await again;
  const form = page.locator('form[action="/do/intake/split"]');
  await expect(form).toBeVisible();
  await axe(page);
  await shot(page, 'split-question');
  await form.locator('button').click();
  for (const name of ['application_letter', 'custody_agreement']) {
    await expect(async () => {
      await page.goto(filing);
      await expect(page.locator(`#slot-${name} .slot-file .file-name`)).toHaveText(/第/, { timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
  }
});
