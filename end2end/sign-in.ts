// Signing in through the real forms. A TOTP step is good for one sign-in only, so each role signs in once per run: the session
// is kept in the run's temporary directory and shared by all workers, and a lock keeps two of them from using one step.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { account, type Role } from './accounts.ts';
import { base32, code, step, STEP_SECONDS } from './totp.ts';

const folder = () => join(process.env.GUXIN_E2E_STATE!, 'sessions');

/** Fills the two forms on a page of your own; for tests about signing in itself. Prefer `as(role)`. */
export async function signIn(page: Page, role: Role): Promise<void> {
  await alone(role, () => signInLocked(page, role));
}

/** Cookies of a signed-in session of this role, made at the first call of the run. */
export async function session(browser: Browser, role: Role): Promise<string> {
  const kept = join(folder(), `${role}.json`);
  await alone(role, async () => {
    if (existsSync(kept)) return;
    const context: BrowserContext = await browser.newContext();
    try {
      await signInLocked(await context.newPage(), role);
      await context.storageState({ path: kept });
    } finally {
      await context.close();
    }
  });
  return kept;
}

async function signInLocked(page: Page, role: Role): Promise<void> {
  const { login, password, totp_secret: secret } = account(role);
  await page.goto('/login');
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill(password);
  await page.locator('input[name=password]').press('Enter');
  const field = page.locator('input[name=code]');
  await expect(field, `the second factor is asked of ${role}`).toBeVisible();

  const used = join(folder(), `${role}.step`);
  const last = existsSync(used) ? Number(readFileSync(used, 'utf8')) : 0;
  while (step(Date.now()) <= last) await sleep(((last + 1) * STEP_SECONDS * 1000 - Date.now()) + 50);
  const now = step(Date.now());
  writeFileSync(used, String(now));
  await field.fill(code(base32(secret), now));
  await field.press('Enter');
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
}

// mkdir either makes the directory or fails: that is the lock. It lives in the run's own directory, so a killed run leaves none.
async function alone(role: Role, work: () => Promise<void>): Promise<void> {
  mkdirSync(folder(), { recursive: true });
  const lock = join(folder(), `${role}.lock`);
  for (const deadline = Date.now() + 90_000; ; ) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (Date.now() > deadline) throw new Error(`another worker has been signing in as ${role} for 90 seconds`);
      await sleep(100);
    }
  }
  try {
    await work();
  } finally {
    rmdirSync(lock);
  }
}
