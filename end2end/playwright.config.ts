// How the stories run: a server of their own with demonstration data in a temporary directory, Debian's Chromium, three views.
//
// Tags: @nojs also runs without JavaScript; @desktop does not run on the phone; @plain runs only without JavaScript; @story also runs on PostgreSQL.
// Environment: GUXIN_E2E_BINARY and GUXIN_SITE_ROOT say what to run, CHROMIUM_PATH in which browser, GUXIN_E2E_DATABASE_URL on
// which database (SQLite without it), GUXIN_E2E_BASE_URL uses a server that runs already, GUXIN_E2E_RESULTS takes the figures.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defineConfig, type ReporterDescription } from '@playwright/test';
import { freePort } from './port.ts';

const project = resolve(import.meta.dirname, '..');

// Set once in the first process and inherited by the workers, which read this file again.
process.env.GUXIN_E2E_BINARY ??= join(project, 'target/debug/guxin');
process.env.GUXIN_SITE_ROOT ??= join(project, 'target/site');
process.env.GUXIN_E2E_STATE ??= mkdtempSync(join(tmpdir(), 'guxin-end2end-'));
process.env.GUXIN_E2E_PORT ??= String(freePort());

const { GUXIN_E2E_BINARY: binary, GUXIN_E2E_STATE: state, GUXIN_E2E_PORT: port } = process.env;
const running = process.env.GUXIN_E2E_BASE_URL;
// A name, not an address: passkeys refuse a bare address.
const baseURL = running ?? `http://localhost:${port}`;
const database = process.env.GUXIN_E2E_DATABASE_URL;

const reporter: ReporterDescription[] = [['list']];
if (process.env.GUXIN_E2E_RESULTS) reporter.push(['json', { outputFile: process.env.GUXIN_E2E_RESULTS }]);

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  globalTeardown: './teardown.ts',
  forbidOnly: !!process.env.CI,
  retries: 0,
  workers: 2,
  // Generous: a debug build on two busy cores. What is broken fails at once or never comes.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter,
  use: {
    baseURL,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    // What cannot be pressed or filled within this time is not there.
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    screenshot: 'only-on-failure',
    trace: process.env.GUXIN_E2E_TRACE ? 'retain-on-failure' : 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'desktop', grepInvert: /@plain/, use: { viewport: { width: 1440, height: 900 } } },
    { name: 'mobile', grepInvert: /@desktop|@plain/, use: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 } },
    { name: 'no-javascript', grep: /@nojs|@plain/, use: { viewport: { width: 1440, height: 900 }, javaScriptEnabled: false } },
  ],
  webServer: running
    ? undefined
    : {
        command: `exec '${binary}' serve --demo --listen 127.0.0.1:${port} --data '${state}/data'${database ? ` --database '${database}'` : ''}`,
        url: `${baseURL}/readyz`,
        // The demonstration data goes through the real use cases, passwords are hashed at full cost, and the build is for debugging.
        timeout: 240_000,
        // Every spec opens drafts as the same enterprise.
        env: { GUXIN_PUBLIC_URL: baseURL, GUXIN_OPEN_DRAFTS: '500' },
        reuseExistingServer: false,
        stdout: 'ignore',
        stderr: 'pipe',
        gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
      },
});
