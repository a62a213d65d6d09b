// An instance in which one company and its firms are registered and verified, and which can be put back to that moment: every
// measured run starts from the same.
import { cpSync, rmSync } from 'node:fs';
import type { Browser } from '@playwright/test';
import type { Guard } from '../guard.ts';
import { Instance } from '../instance.ts';
import type { Pack } from '../pack.ts';
import { Somebody, type Organisation } from '../people.ts';

export interface Firm extends Organisation {
  admin: Somebody;
  signer: Somebody;
}

export class Market {
  private constructor(
    readonly instance: Instance,
    readonly login: string,
    readonly secret: Buffer,
    readonly firms: Firm[],
  ) {}

  /** Registers everybody through the real forms, once. */
  static async open(browser: Browser, guard: Guard, pack: Pack): Promise<Market> {
    // Firms sign in once for all runs.
    const instance = await Instance.start({ arguments: ['--session-idle-minutes', '120', '--step-up-minutes', '480'] });
    const arrives = () => Somebody.arrives(browser, guard, instance.url);
    const operator = await arrives();
    await operator.accept(instance.setUpLink);
    await operator.enrolPasskey();

    const company: Organisation = { kind: 'enterprise', name: pack.fact('name'), credit_code: pack.fact('credit_code'), login: 'enterprise' };
    const enterprise = await arrives();
    await enterprise.register(company);
    const secret = await enterprise.enrolApp();
    await enterprise.leaves();
    await operator.verify(company.name);

    const firms: Firm[] = [];
    // Under the names and codes that the documents give them, as firms that attest them would be registered.
    const kinds: Omit<Organisation, 'login'>[] = [
      { kind: 'sponsor', name: pack.said('sponsor') || '示例推荐机构有限公司', credit_code: pack.said('sponsor_credit_code') || '91320000MA00000319' },
      { kind: 'accounting_firm', name: pack.said('auditor') || '示例会计师事务所', credit_code: '91320500MA000004XT' },
      { kind: 'law_firm', name: pack.said('law_firm') || '示例律师事务所', credit_code: '91320100MA00000586' },
      { kind: 'valuer', name: pack.said('valuer') || '示例资产评估有限公司', credit_code: '91320100MA0000061H' },
    ];
    for (const kind of kinds) {
      const firm = { ...kind, login: kind.kind.replaceAll('_', '-') };
      const admin = await arrives();
      await admin.register(firm);
      await admin.enrolPasskey();
      await operator.verify(firm.name);
      const link = await admin.invite('/organisation', `${firm.login}-signer`, 'signer');
      const signer = await arrives();
      await signer.accept(link);
      await signer.enrolPasskey();
      firms.push({ ...firm, admin, signer });
    }
    await operator.leaves();
    await instance.stop();
    cpSync(instance.data, Market.kept(instance), { recursive: true });
    return new Market(instance, company.login, secret, firms);
  }

  private static kept(instance: Instance): string {
    return `${instance.data}.kept`;
  }

  /** The moment after everybody was verified. */
  async again(): Promise<void> {
    await this.instance.stop();
    rmSync(this.instance.data, { recursive: true, force: true });
    cpSync(Market.kept(this.instance), this.instance.data, { recursive: true });
    await this.instance.run();
  }

  /** The firms' side: accept the engagement, read, attest with the passkey. */
  async attest(company: string): Promise<void> {
    for (const { admin, signer } of this.firms) {
      await admin.page.goto('/engagements');
      await admin.page.getByRole('link', { name: company }).first().click();
      await admin.send('/do/engagement/accept');
      await signer.attestEverything(company);
    }
  }

  async close(): Promise<void> {
    await this.instance.kill();
  }
}
