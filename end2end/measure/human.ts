// A person at the screen, modelled: what they do is counted, what it would take them is added up from the keystroke-level model
// (Card, Moran and Newell, 1980), and what the machine makes them wait for is measured.
//
// One action is one click, one key pressed for itself, or one text typed into a field; its characters cost time, not actions.
import type { Locator, Page } from '@playwright/test';

/** Seconds of the model's operators: an average typist's key, pointing, a button's press or release, a hand's way between mouse and
 * keyboard, and making up one's mind. */
const KEY = 0.28;
const POINT = 1.1;
const PRESS = 0.1;
const HOME = 0.4;
const MIND = 1.35;

export class Human {
  actions = 0;
  seconds = 0;
  machine = 0;
  /** What was done, for the report. */
  readonly log: string[] = [];

  constructor(readonly page: Page) {}

  /** Clicks, and waits for what the person would wait for. */
  async click(what: string, target: Locator, until: () => Promise<unknown> = async () => {}): Promise<void> {
    this.note(what, MIND + HOME + POINT + 2 * PRESS);
    await this.wait(async () => {
      const done = until();
      await target.click();
      await done;
    });
  }

  /** A click that leads to another page. */
  follow(what: string, target: Locator): Promise<void> {
    return this.click(what, target, () => this.page.waitForEvent('load'));
  }

  /** Types a text into a field: a click into it unless the page has put the cursor there, then the characters. A value that is
   * chosen costs as much as its first letter. */
  async type(what: string, target: Locator, text: string, until: () => Promise<unknown> = async () => {}): Promise<void> {
    const { isList, isThere } = await target.evaluate((element) => ({ isList: element.tagName === 'SELECT', isThere: element === document.activeElement }));
    const reaching = isThere ? HOME : HOME + POINT + 2 * PRESS + HOME;
    this.note(what, MIND + reaching + KEY * (isList ? 1 : text.length));
    await this.wait(async () => {
      const done = until();
      if (isList) await target.selectOption(text);
      else await target.fill(text);
      await target.blur();
      await done;
    });
  }

  /** One key that stands for itself, such as Enter after a text. */
  async press(what: string, key: string, until: () => Promise<unknown> = async () => {}): Promise<void> {
    this.note(what, KEY);
    await this.wait(async () => {
      const done = until();
      await this.page.keyboard.press(key);
      await done;
    });
  }

  /** Chooses a folder or files in the system's window: the button, the thing, and "open". */
  async choose(what: string, input: Locator, paths: string | string[], until: () => Promise<unknown>): Promise<void> {
    this.note(`${what}: the button`, MIND + HOME + POINT + 2 * PRESS);
    this.note(`${what}: in the window`, MIND + POINT + 4 * PRESS);
    await this.wait(async () => {
      const done = until();
      await input.setInputFiles(paths);
      await done;
    });
  }

  private note(what: string, seconds: number): void {
    this.actions += 1;
    this.seconds += seconds;
    this.log.push(what);
  }

  /** Time between an action and the moment at which the next one is possible: the machine's. */
  private async wait(work: () => Promise<void>): Promise<void> {
    const began = performance.now();
    await work();
    this.machine += (performance.now() - began) / 1000;
  }
}
