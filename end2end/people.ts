// People who come to an empty instance: each in a browser profile of their own, with their own passkey or authenticator app.
// Everything goes through the real forms. For the demonstration's accounts use `as(role)` in place of this.
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import type { Guard } from './guard.ts';
import { passkey } from './passkey.ts';
import { base32, code, step } from './totp.ts';

export const PASSWORD = 'correct horse battery staple';

/** An organisation as it registers. */
export interface Organisation {
  kind: 'enterprise' | 'sponsor' | 'accounting_firm' | 'law_firm' | 'valuer';
  name: string;
  credit_code: string;
  login: string;
}

export class Somebody {
  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {}

  /** A new browser with an authenticator plugged in, looking at this instance. */
  static async arrives(browser: Browser, guard: Guard, url: string): Promise<Somebody> {
    const context = await browser.newContext({ baseURL: url, acceptDownloads: true });
    guard.watch(context);
    const page = await context.newPage();
    await passkey(page);
    return new Somebody(page, context);
  }

  leaves(): Promise<void> {
    return this.context.close();
  }

  /** Presses the button of the form with this action, and waits for the page after it. */
  async send(action: string): Promise<void> {
    const form = this.page.locator(`form[action="${action}"]`);
    const answered = this.page.waitForResponse((response) => response.url().includes(action) && response.request().method() === 'POST');
    // The page that the answer leads to: the one that the form stands on has long been loaded.
    const arrived = this.page.waitForEvent('load');
    await form.locator('button[type=submit], button:not([type])').first().click();
    const answer = await answered;
    expect(answer.status(), `${action} is accepted`).toBe(302);
    expect(answer.headers().location, `${action} is carried out`).not.toMatch(/\/(login|step-up)/);
    await arrived;
    await expect(this.page.locator('.flash.bad, .error-summary'), `${action} is not refused`).toHaveCount(0);
  }

  /** Registers an organisation with this person as its first. */
  async register(organisation: Organisation): Promise<void> {
    const { page } = this;
    await page.goto('/register');
    await page.locator(`input[name=kind][value=${organisation.kind}]`).check();
    const typed = {
      name: organisation.name,
      credit_code: organisation.credit_code,
      legal_representative: '沈屿安',
      city: '南京市',
      contact_name: '陆清和',
      contact_phone: '025-00000000',
      person_name: `${organisation.login} 经办`,
      login: organisation.login,
      password: PASSWORD,
      again: PASSWORD,
    };
    for (const [name, value] of Object.entries(typed)) await page.locator(`form [name=${name}]`).fill(value);
    await page.locator('input[name=accept_rules]').check();
    await this.send('/do/organisation/register');
    await expect(page).toHaveURL(/\/account\/enrol/);
  }

  /** Opens the link of an invitation and sets a password. */
  async accept(link: string): Promise<void> {
    await this.page.goto(link);
    await this.page.locator('input[name=password]').fill(PASSWORD);
    await this.page.locator('input[name=again]').fill(PASSWORD);
    await this.send('/do/invitation/accept');
    await expect(this.page).toHaveURL(/\/account\/enrol/);
  }

  /** The second factor of those who decide or sign: a passkey. */
  async enrolPasskey(): Promise<void> {
    await this.page.locator('leptos-island button:enabled').click();
    await this.page.waitForURL((url) => !url.pathname.startsWith('/account/enrol'));
  }

  /** The second factor of those who file: a code from an app. Answers its secret, for signing in again. */
  async enrolApp(): Promise<Buffer> {
    const secret = base32(await this.page.locator('code.code-block').innerText());
    await this.page.locator('input[name=code]').fill(code(secret, step(Date.now())));
    await this.send('/do/totp/confirm');
    await this.page.waitForURL((url) => !url.pathname.startsWith('/account/enrol'));
    return secret;
  }

  /** As the operator: verifies the real name of an organisation that registered. */
  async verify(name: string): Promise<void> {
    await this.page.goto(`/admin/organisations?q=${encodeURIComponent(name)}`);
    await this.page.getByRole('link', { name, exact: true }).click();
    await this.page.locator('textarea[name=note]').fill('营业执照与公示信息一致。');
    await this.send('/do/organisation/verify');
  }

  /** As a signer: attests every slot of the engagement that waits, with the passkey. Answers how many there were. */
  async attestEverything(company: string): Promise<number> {
    const { page } = this;
    await page.goto('/engagements');
    await page.getByRole('link', { name: company }).first().click();
    const cards = page.locator('section.card:has(leptos-island)');
    await expect(cards.getByRole('button', { name: '鉴证', exact: true }).first()).toBeEnabled();
    const slots = await cards.locator('h2').evaluateAll((titles) => titles.map((title) => title.id));
    for (const slot of slots) {
      const card = page.locator('section.card', { has: page.locator(`#${slot}`) });
      await card.getByRole('button', { name: '鉴证', exact: true }).click();
      await expect(card.locator('dl.facts')).toContainText('SHA-256');
      const reloaded = page.waitForEvent('load');
      await card.getByRole('button', { name: '用通行密钥签署' }).click();
      await reloaded;
      await expect(card.locator('.tag').first()).toHaveText('已鉴证');
    }
    return slots.length;
  }

  /** Invites a person from the page that lists an organisation's people; the link is shown once. */
  async invite(people: string, login: string, role: string): Promise<string> {
    const { page } = this;
    await page.goto(people);
    const form = page.locator('form#invite');
    await form.locator('[name=person_name]').fill(`${login} 某某`);
    await form.locator('[name=login]').fill(login);
    await form.locator('[name=role]').selectOption(role);
    await this.send('/do/invitation/issue');
    return (await page.locator('code.code-block').innerText()).trim();
  }
}
