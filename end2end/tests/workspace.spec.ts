// The workspace when things go wrong: nothing that was typed or uploaded is lost, and every message says what to do.
import { rmSync, writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { axe, draft, expect, shot, test } from '../fixtures.ts';

const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');

test('two tabs: the later one sees both values and chooses @desktop', async ({ as }) => {
  const page = await as('enterprise');
  const filing = await draft(page);
  const other = await page.context().newPage();
  for (const tab of [page, other]) {
    await tab.goto(`${filing}?view=fields`, { waitUntil: 'networkidle' });
    await tab.emulateMedia({ reducedMotion: 'reduce' });
  }
  const island = (tab: Page) => tab.locator('.autosave', { has: tab.locator('#industry') });
  await page.locator('#industry').fill('C39 计算机、通信和其他电子设备制造业');
  await expect(island(page).locator('.saved')).toBeVisible();
  await other.locator('#industry').fill('C40 仪器仪表制造业');
  await expect(island(other).locator('.compare')).toContainText('C39');
  await expect(island(other).locator('.compare')).toContainText('C40');
  await axe(other);
  await shot(other, 'workspace-conflict');
  await island(other).locator('.actions button').last().click();
  await expect(island(other).locator('.saved')).toBeVisible();
  await page.reload();
  await expect(page.locator('#industry')).toHaveValue('C40 仪器仪表制造业');
});

test('two windows see each other, and what one saves comes into the other @desktop', async ({ as }) => {
  const page = await as('enterprise');
  const filing = await draft(page);
  const other = await page.context().newPage();
  for (const tab of [page, other]) await tab.goto(`${filing}?view=fields`, { waitUntil: 'networkidle' });
  const island = (tab: Page, field: string) => tab.locator('.autosave', { has: tab.locator(`#${field}`) });
  // The other window is in a field: the dock and the field say so.
  const soon = { timeout: 25_000 };
  await other.locator('#industry').focus();
  await expect(page.locator('[data-presence]')).toContainText('另一个窗口', soon);
  await expect(island(page, 'industry').locator('.presence-here')).toContainText('正在填写', soon);
  await other.locator('#main_business').fill('压力传感器的研发、生产和销售');
  await expect(island(other, 'main_business').locator('.saved')).toBeVisible();
  await expect(page.locator('#main_business')).toHaveValue('压力传感器的研发、生产和销售', soon);
  await expect(island(page, 'main_business').locator('.presence-saved')).toBeVisible();
  await expect(island(page, 'industry').locator('.presence-here')).toHaveCount(0, soon);
  await axe(page);
  await shot(page, 'workspace-presence');
  // It came with its version: going on from it is no conflict. What is being typed here is left alone.
  await page.locator('#main_business').fill('压力传感器的研发、生产、销售和检定');
  await expect(island(page, 'main_business').locator('.saved')).toBeVisible();
  await other.close();
  await expect(page.locator('[data-presence]')).toBeEmpty(soon);
});

test('a session that ends while somebody types keeps what was typed @desktop', async ({ as, allow }) => {
  allow(/\b401\b.*\/do\/filing\/(save-field|around)/);
  const page = await as('enterprise');
  const filing = await draft(page);
  await page.goto(`${filing}?view=fields`, { waitUntil: 'networkidle' });
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  const island = page.locator('.autosave', { has: page.locator('#main_business') });
  await page.locator('#main_business').fill('压力传感器的研发、生产和销售');
  await expect(island.locator('.error a[href="/login"]')).toBeVisible();
  await shot(page, 'workspace-signed-out');
  // Signed in again in another tab; here one press is enough.
  await page.context().addCookies(cookies);
  await island.locator('.error button').click();
  await expect(island.locator('.saved')).toBeVisible();
  await page.reload();
  await expect(page.locator('#main_business')).toHaveValue('压力传感器的研发、生产和销售');
});

test('files that cannot be taken say why, and the good one among them is kept @desktop', async ({ as, allow }, testInfo) => {
  allow(/\b4\d\d\b.*\/filings\//);
  const page = await as('enterprise');
  const filing = await draft(page);
  await page.goto(filing, { waitUntil: 'networkidle' });
  const slot = page.locator('#slot-application_letter');
  const encrypted = Buffer.from(PDF.toString().replace('trailer<<', 'trailer<</Encrypt 9 0 R'));
  const cases: [name: string, content: Buffer, said: RegExp][] = [
    ['空.pdf', Buffer.alloc(0), /空/],
    ['程序.pdf', Buffer.concat([Buffer.from('MZ'), deflateRawSync(Buffer.alloc(4096, 7))]), /格式|类型|内容/],
    ['加密.pdf', encrypted, /密码|加密/],
    ['说明.txt', Buffer.from('纯文本'), /不收/],
    ['截断.pdf', PDF.subarray(0, 120), /不完整/],
  ];
  for (const [name, buffer, said] of cases) {
    await slot.locator('label.button input').setInputFiles({ name, mimeType: 'application/pdf', buffer });
    await expect(slot.locator('.uploads li', { hasText: name }).locator('.error'), name).toHaveText(said);
  }
  const large = testInfo.outputPath('超大.pdf');
  writeFileSync(large, Buffer.concat([PDF, Buffer.alloc(50 * 1024 * 1024, ' ')]));
  await slot.locator('label.button input').setInputFiles(large);
  await expect(slot.locator('.uploads li', { hasText: '超大.pdf' }).locator('.error')).toHaveText(/超过 50 MB/);
  rmSync(large);
  await axe(page);
  await shot(page, 'workspace-refused');
  // Path parts and control characters are no part of a name.
  await slot.locator('label.button input').setInputFiles({ name: '..\\..\\申请\u0007书.pdf', mimeType: 'application/pdf', buffer: PDF });
  await expect(slot.locator('.uploads li').last()).toContainText('完成');
  // The same bytes again, under another name: said beside the file, and nothing is kept twice.
  await slot.locator('label.button input').setInputFiles({ name: '又一份.pdf', mimeType: 'application/pdf', buffer: PDF });
  await expect(slot.locator('.uploads li', { hasText: '又一份.pdf' }).locator('.error')).toHaveText(/相同|已有/);
  await page.reload();
  await expect(slot.locator('.file-name')).toHaveText(['申请书.pdf']);
});

test('a document is replaced, and its first version stays @desktop', async ({ as }) => {
  const page = await as('enterprise');
  await draft(page);
  const slot = page.locator('#slot-custody_agreement');
  const hand = async (input: string, content: string) => {
    const reloaded = page.waitForEvent('load');
    await slot.locator(input).setInputFiles({ name: '托管协议.pdf', mimeType: 'application/pdf', buffer: Buffer.concat([PDF, Buffer.from(content)]) });
    await reloaded;
  };
  await expect(slot.locator('leptos-island label.button')).toBeVisible();
  await hand('leptos-island label.button input', '% one\n');
  await expect(slot.locator('.file-meta leptos-island label').last()).toBeVisible();
  await hand('.file-meta leptos-island label:not([for]) input:not([multiple])', '% two\n');
  await expect(slot.locator('.slot-file')).toHaveCount(1);
  await slot.locator('.file-meta a', { hasText: '第 2 版' }).click();
  await expect(page.locator('main a[href*="/versions/1/content"]')).toBeVisible();
});

test('everything works with plain forms @plain', async ({ as }) => {
  const page = await as('enterprise');
  const filing = await draft(page);
  await page.locator('#slot-business_licence summary').first().click();
  await page.locator('#slot-business_licence #file-business_licence').setInputFiles({ name: '执照.pdf', mimeType: 'application/pdf', buffer: PDF });
  await page.locator('#slot-business_licence form[enctype] button').click();
  await expect(page.locator('#slot-business_licence .file-name')).toHaveText('执照.pdf');
  await page.locator('#slot-business_licence form[action="/do/document/remove"] button').click();
  await expect(page.locator('#slot-business_licence .file-name')).toHaveCount(0);
  await page.locator('#slot-business_licence details summary', { hasText: '移除' }).click();
  await page.locator('#slot-business_licence form[action="/do/document/restore"] button').click();
  await expect(page.locator('#slot-business_licence .file-name')).toHaveText('执照.pdf');

  await page.goto(`${filing}?view=fields`);
  await page.locator('#short_name').fill('明微');
  await page.locator('#established_date').fill('不是日期');
  await page.locator('form[action="/do/filing/save-fields"] button').last().click();
  await expect(page.locator('#established_date')).toHaveValue('不是日期');
  await expect(page.locator('#established_date')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#short_name')).toHaveValue('明微');
  await shot(page, 'workspace-plain-error');
});
