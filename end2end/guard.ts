// Watches every page of a test and fails it for what a person might not notice: an error in the console, an exception nobody
// caught, a violation of the content security policy, an island that did not come alive, an answer of 500 or above.
import type { BrowserContext } from '@playwright/test';

export class Guard {
  readonly findings: string[] = [];
  private readonly allowed: RegExp[] = [];
  // Pages that answered 4xx when opened: the test looks at such a page itself, but Chromium also reports it in the console.
  private readonly refusedPages = new Set<string>();

  /** Declares that this test provokes findings matching `pattern`. */
  allow(pattern: RegExp): void {
    this.allowed.push(pattern);
  }

  watch(context: BrowserContext): void {
    context.on('response', (response) => {
      if (response.status() >= 500) this.findings.push(`${response.status()} ${response.request().method()} ${response.url()}`);
      else if (response.status() >= 400 && response.request().isNavigationRequest()) this.refusedPages.add(response.url());
    });
    // Chromium skips the transition to a page that is left or not yet styled, and reports the promise that nobody holds.
    const skipped = /^InvalidStateError: Transition was aborted|^AbortError: Transition was skipped/;
    context.on('weberror', (error) => skipped.test(String(error.error().stack || error.error())) || this.findings.push(`page error: ${error.error().stack || error.error()} (${error.page()?.url()})`));
    context.on('console', (message) => {
      const text = message.text();
      const { url } = message.location();
      if (message.type() === 'error' && !(text.startsWith('Failed to load resource') && this.refusedPages.has(url))) {
        this.findings.push(`console: ${text} (${url})`);
      }
      if (message.type() === 'warning' && /island|hydrat/i.test(text)) this.findings.push(`console: ${text} (${url})`);
    });
  }

  /** What is left after the allowances; empty for a clean test. */
  remaining(): string[] {
    return this.findings.filter((finding) => !this.allowed.some((pattern) => pattern.test(finding)));
  }
}
