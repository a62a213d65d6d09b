// What goes against somebody: a firm says no, the operator takes a measure. The reason is asked for, and the other side reads it.
import { axe, expect, shot, test } from '../fixtures.ts';

test('a firm declines an engagement, and the enterprise reads why @desktop', async ({ as }) => {
  const enterprise = await as('enterprise');
  await enterprise.goto('/filings/new');
  await enterprise.locator('input[name=board]').first().check();
  await enterprise.locator('form[action="/do/filing/open"] button').first().click();
  await enterprise.waitForURL(/\/filings\/[0-9a-f-]{36}$/);
  const firms = `${new URL(enterprise.url()).pathname}?view=firms`;
  await enterprise.goto(`${firms}&kind=law_firm`);
  await enterprise.getByRole('radio', { name: '江苏样例律师事务所' }).check();
  const note = `请于本周内回复 ${Date.now()}`;
  await enterprise.locator('textarea[name=note]').fill(note);
  await enterprise.locator('form[action="/do/engagement/engage"] button').click();
  await expect(enterprise.locator('.flash.ok')).toBeVisible();

  const lawyer = await as('lawyer');
  await lawyer.goto('/engagements?status=invited');
  // The enterprise of the demonstration has one company: the newest invitation is this test's.
  for (const link of await lawyer.locator('main a[href^="/engagements/"]').evaluateAll((links) => links.map((a) => (a as HTMLAnchorElement).pathname))) {
    await lawyer.goto(link);
    if (await lawyer.getByText(note).count()) break;
  }
  await expect(lawyer.getByText(note).first()).toBeVisible();
  await lawyer.locator('summary', { hasText: '不接受' }).click();
  const form = lawyer.locator('form[action="/do/engagement/decline"]');
  const reason = '本所与贵公司的股东之一存在利益冲突，不能接受委托。';
  // Without a reason nothing is declined.
  await form.locator('textarea').evaluate((area: HTMLTextAreaElement) => { area.required = false; });
  await form.locator('button').click();
  await expect(lawyer.locator('.error').first()).toBeVisible();
  await axe(lawyer);
  await shot(lawyer, 'refusal-reason-missing');
  await lawyer.locator('form[action="/do/engagement/decline"] textarea').fill(reason);
  await lawyer.locator('form[action="/do/engagement/decline"] button').click();
  await expect(lawyer.locator('.flash.ok')).toBeVisible();

  await enterprise.goto(firms);
  await expect(enterprise.locator('main')).toContainText(reason);
  await axe(enterprise);
  await shot(enterprise, 'refusal-engagement');
});

test('the operator warns an organisation, and lifts the measure @desktop', async ({ as }) => {
  const page = await as('operator');
  await page.goto(`/admin/organisations?q=${encodeURIComponent('虚构资本管理有限公司')}`);
  await page.getByRole('link', { name: '虚构资本管理有限公司', exact: true }).click();
  await page.waitForURL(/\/admin\/organisations\/[0-9a-f-]{36}/);
  await page.locator('details summary', { hasText: '警示、限制或关闭' }).click();
  await page.locator('input[name=standing][value=warned]').check();
  const reason = '推荐材料多次补正，予以提醒。';
  await page.locator('form[action="/do/organisation/sanction"] textarea').fill(reason);
  await page.locator('form[action="/do/organisation/sanction"] button').click();
  await expect(page.locator('.flash.ok')).toBeVisible();
  await expect(page.locator('main')).toContainText(reason);
  await expect(page.locator('main .tag', { hasText: '警示' }).first()).toBeVisible();
  await axe(page);
  await shot(page, 'refusal-measure');
  const lift = page.locator('form[action="/do/organisation/lift"]').first();
  await lift.locator('textarea').fill('已整改，连续三个月无补正。');
  await lift.locator('button').click();
  await expect(page.locator('.flash.ok')).toBeVisible();
  await expect(page.locator('form[action="/do/organisation/lift"]')).toHaveCount(0);
  await shot(page, 'refusal-measure-lifted');
});
