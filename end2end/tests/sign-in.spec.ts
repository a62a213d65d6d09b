// Every demonstration account gets in through the real forms, and a wrong password says nothing about who exists.
import { ROLES, account } from '../accounts.ts';
import { axe, expect, test } from '../fixtures.ts';

for (const role of ROLES) {
  test(`${role} signs in @nojs${role === 'enterprise' ? ' @story' : ''}`, async ({ as }) => {
    const page = await as(role);
    const answer = await page.goto('/home');
    expect(answer?.status()).toBe(200);
    await expect(page.locator('a[href="/login"]'), 'nobody who is signed in is asked to sign in').toHaveCount(0);
    await axe(page);
  });
}

test('a wrong password and an unknown account read alike @nojs', async ({ page }) => {
  const replies: string[] = [];
  for (const login of [account('enterprise').login, 'nobody-of-that-name']) {
    await page.goto('/login');
    await page.locator('input[name=login]').fill(login);
    await page.locator('input[name=password]').fill('wrong-password-on-purpose');
    await page.locator('input[name=password]').press('Enter');
    // The passkey's button keeps an empty place for its own messages.
    const said = page.getByRole('alert').filter({ hasText: /\S/ });
    await expect(said).toBeVisible();
    await expect(page).toHaveURL(/\/login/);
    replies.push(await said.innerText());
  }
  expect(replies[0]).toBe(replies[1]);
});
