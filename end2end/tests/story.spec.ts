// The product's one story, from an empty database to the look-through, by everybody it takes: an enterprise files the clean
// pack, four firms attest with passkeys, the exchange accepts, reviews by two people and publicises and lists, anyone verifies the
// receipt, and a supervisor follows it down to the leaf.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { axe, expect, Instance, shot, test } from '../fixtures.ts';
import { DOCUMENTS, fact, FIELDS } from '../pack.ts';
import { Somebody, type Organisation } from '../people.ts';

const ENTERPRISE: Organisation = { kind: 'enterprise', name: fact('name'), credit_code: fact('credit_code'), login: 'enterprise' };
const FIRMS: Organisation[] = [
  { kind: 'sponsor', name: fact('sponsor'), credit_code: '91320000MA00000319', login: 'sponsor' },
  { kind: 'accounting_firm', name: fact('auditor'), credit_code: '91320500MA000004XT', login: 'auditor' },
  { kind: 'law_firm', name: fact('law_firm'), credit_code: '91320100MA00000586', login: 'lawyer' },
  { kind: 'valuer', name: '南京样衡资产评估有限公司', credit_code: '91320100MA0000061H', login: 'valuer' },
];

/** The command line: its exit status and what it printed. */
function guxin(...command: string[]): { status: number | null; said: string } {
  const run = spawnSync(process.env.GUXIN_E2E_BINARY!, command, { encoding: 'utf8' });
  return { status: run.status, said: run.stdout };
}

test('file, attest, review, publish, verify, look through @desktop @story', async ({ browser, guard }, info) => {
  test.setTimeout(1_200_000);
  const instance = await Instance.start();
  const arrives = () => Somebody.arrives(browser, guard, instance.url);
  try {
    const operator = await test.step('the first operator sets the instance up', async () => {
      const operator = await arrives();
      await operator.accept(instance.setUpLink);
      await operator.enrolPasskey();
      return operator;
    });

    const [reviewer, second, supervisor] = await test.step('the operator invites reviewers and a supervisor', async () => {
      const links = [
        await operator.invite('/organisation', 'reviewer', 'reviewer'),
        await operator.invite('/organisation', 'second', 'second_reviewer'),
      ];
      await operator.page.goto('/admin/organisations/new');
      await operator.page.locator('select[name=kind]').selectOption('regulator');
      const typed = { name: '示例地方金融管理局', credit_code: '11320000MB00000098', legal_representative: '某某', city: '南京市', contact_name: '某某', contact_phone: '025-00000001' };
      for (const [name, value] of Object.entries(typed)) await operator.page.locator(`form [name=${name}]`).fill(value);
      await operator.send('/do/organisation/set-up');
      links.push(await operator.invite(new URL(operator.page.url()).pathname, 'supervisor', 'supervisor'));
      const people: Somebody[] = [];
      for (const link of links) {
        const person = await arrives();
        await person.accept(link);
        await person.enrolPasskey();
        people.push(person);
      }
      return people as [Somebody, Somebody, Somebody];
    });

    const enterprise = await test.step('the enterprise and its firms register', async () => {
      const enterprise = await arrives();
      await enterprise.register(ENTERPRISE);
      await enterprise.enrolApp();
      return enterprise;
    });
    const admins: Somebody[] = [];
    for (const firm of FIRMS) {
      await test.step(`${firm.login} registers`, async () => {
        const admin = await arrives();
        await admin.register(firm);
        await admin.enrolPasskey();
        admins.push(admin);
      });
    }

    await test.step('nobody is served before the real name is verified', async () => {
      const refused = await enterprise.page.goto('/filings/new');
      expect(refused?.status()).toBe(403);
      for (const { name } of [ENTERPRISE, ...FIRMS]) await operator.verify(name);
    });

    const firms: { admin: Somebody; signer: Somebody }[] = [];
    for (const [at, admin] of admins.entries()) {
      await test.step(`${FIRMS[at]!.login} invites a signer`, async () => {
        const link = await admin.invite('/organisation', `${FIRMS[at]!.login}-signer`, 'signer');
        const signer = await arrives();
        await signer.accept(link);
        await signer.enrolPasskey();
        firms.push({ admin, signer });
      });
    }

    const filing = await test.step('the enterprise opens a listing application', async () => {
      await enterprise.page.goto('/filings/new');
      await enterprise.page.locator('input[name=board][value=growth]').check();
      await enterprise.send('/do/filing/open');
      return new URL(enterprise.page.url()).pathname;
    });

    await test.step('the fields save themselves', async () => {
      const { page } = enterprise;
      await page.goto(`${filing}?view=fields`);
      for (const [field, value] of Object.entries(FIELDS)) {
        const input = page.locator(`[name="fields[${field}]"]`);
        const saved = page.waitForResponse((response) => response.url().endsWith('/do/filing/save-field'));
        // What opening the filing stored already is typed again as another value first, or nothing would be saved.
        if ((await input.inputValue()) === value) {
          void saved.catch(() => {});
          continue;
        }
        if ((await input.evaluate((element) => element.tagName)) === 'SELECT') await input.selectOption(value);
        else await input.fill(value);
        await input.blur();
        expect((await saved).status(), field).toBe(200);
      }
      await page.reload();
      await expect(page.locator('[name="fields[company_name]"]')).toHaveValue(fact('name'));
      await axe(page);
      await shot(page, 'story-fields');
    });

    await test.step('the documents go up with their progress', async () => {
      const { page } = enterprise;
      await page.goto(filing);
      for (const [slot, files] of DOCUMENTS) {
        const row = page.locator(`#slot-${slot}`);
        const chosen = row.locator('leptos-island input[type=file]').last();
        await expect(row.locator('leptos-island label').last()).toBeVisible();
        const reloaded = page.waitForEvent('load');
        await chosen.setInputFiles(files);
        await reloaded;
        for (const file of files) await expect(row.locator('.file-name', { hasText: basename(file) })).toBeVisible();
      }
      await axe(page);
      await shot(page, 'story-materials');
    });

    await test.step('the enterprise engages its firms', async () => {
      for (const { kind, name } of FIRMS) {
        await enterprise.page.goto(`${filing}?view=firms&kind=${kind}`);
        await enterprise.page.getByRole('radio', { name }).check();
        await enterprise.send('/do/engagement/engage');
      }
      await shot(enterprise.page, 'story-firms');
      await enterprise.send('/do/filing/request-attestation');
    });

    for (const { admin, signer } of firms) {
      await test.step('a firm accepts, reads and attests with a passkey', async () => {
        await admin.page.goto('/engagements');
        await admin.page.getByRole('link', { name: fact('name') }).first().click();
        await admin.send('/do/engagement/accept');

        const { page } = signer;
        await page.goto('/engagements');
        await page.getByRole('link', { name: fact('name') }).first().click();
        const cards = page.locator('section.card:has(leptos-island)');
        // Alive, and no longer fading in.
        await expect(cards.getByRole('button', { name: '鉴证', exact: true }).first()).toBeEnabled();
        await page.emulateMedia({ reducedMotion: 'reduce' });
        await axe(page);
        const slots = await signer.attestEverything(fact('name'));
        await shot(page, `story-attest-${slots}`);
      });
    }

    const receipt = info.outputPath('receipt.json');
    await test.step('submitting shows the ledger index within two seconds, twice is once', async () => {
      const { page } = enterprise;
      await page.goto(`${filing}/submit`);
      await axe(page);
      await shot(page, 'story-submit');
      // The same form in a second tab, as it happens.
      const twin = await page.context().newPage();
      await twin.goto(`${filing}/submit`);
      await page.locator('input[name=declared]').check();
      const pressed = Date.now();
      await enterprise.send('/do/filing/submit');
      // The page waits for the ledger less than two seconds; when that was not enough it would look again by itself.
      await expect(page.locator('a[href^="/ledger/entries/"]').first()).toBeVisible();
      await expect(page.locator('meta[http-equiv=refresh]'), 'the first answer has the index').toHaveCount(0);
      info.annotations.push({ type: 'pressed to index', description: `${Date.now() - pressed} ms` });
      await twin.locator('input[name=declared]').check();
      const twinArrived = twin.waitForEvent('load');
      await twin.locator('form[action="/do/filing/submit"] button').first().click();
      await twinArrived;
      await page.goto(`${filing}?view=versions`);
      await expect(page.locator(`a[href*="/versions/2"]`)).toHaveCount(0);
      await twin.close();

      await page.goto(`${filing}/receipt`);
      await axe(page);
      await shot(page, 'story-receipt');
      const downloads = page.getByRole('link', { name: '回执文件' });
      const [file] = await Promise.all([page.waitForEvent('download'), downloads.first().click()]);
      await file.saveAs(receipt);
      const pdf = await page.request.get(`${filing}/versions/1/receipt.pdf`);
      expect(pdf.headers()['content-type']).toBe('application/pdf');
      expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
    });

    const document = DOCUMENTS.find(([slot]) => slot === 'audit_report')![1][0]!;
    await test.step('anyone verifies in the browser, and nothing is sent', async () => {
      const anyone = await arrives();
      const { page } = anyone;
      await page.goto('/verify', { waitUntil: 'networkidle' });
      const sent: string[] = [];
      page.on('request', (request) => sent.push(request.url()));
      await page.locator('#verify-receipt').setInputFiles(receipt);
      await page.locator('#verify-document').setInputFiles(document);
      await expect(page.locator('.verdict.ok')).toBeVisible();
      await axe(page);
      await shot(page, 'story-verified');
      // One byte more, and it is another document.
      const altered = info.outputPath('altered.pdf');
      writeFileSync(altered, Buffer.concat([readFileSync(document), Buffer.from(' ')]));
      await page.locator('#verify-document').setInputFiles(altered);
      await expect(page.locator('.verdict.bad')).toBeVisible();
      await shot(page, 'story-refuted');
      expect(sent).toEqual([]);
      await anyone.leaves();

      const vkey = (await (await fetch(`${instance.url}/ledger/vkey`)).text()).trim();
      expect(guxin('verify', receipt, '--document', document, '--vkey', vkey)).toMatchObject({ status: 0 });
      expect(guxin('verify', receipt, '--document', altered)).toMatchObject({ status: 1 });
    });

    const review = filing.replace('/filings/', '/review/');
    const decide = async (person: Somebody, what: string, opinion?: string) => {
      await person.page.goto(`${review}?do=${what}`);
      if (opinion) await person.page.locator('textarea[name=opinion]').fill(opinion);
      await person.send('/do/review/decide');
    };
    await test.step('the exchange accepts, two people approve, the operator publicises', async () => {
      await reviewer.page.goto('/review');
      await expect(reviewer.page.getByRole('link', { name: fact('name') })).toBeVisible();
      await axe(reviewer.page);
      await shot(reviewer.page, 'story-queue');
      await decide(reviewer, 'accept');
      await decide(reviewer, 'recommend', '材料齐备，主体资格、财务与公司治理符合规则要求，建议通过。');
      await shot(reviewer.page, 'story-reviewed');
      // The one who recommended does not approve.
      await reviewer.page.goto(`${review}?do=approve`);
      await expect(reviewer.page.locator('form[action="/do/review/decide"]')).toHaveCount(0);
      await decide(second, 'approve', '复核同意。');
      await decide(operator, 'publicise');
      await expect(operator.page.locator('.road [aria-current]')).toContainText('公示');
      await shot(operator.page, 'story-publicised');
    });

    await test.step('the listing gets its code', async () => {
      await decide(operator, 'list');
      await expect(operator.page.locator('.flash.ok')).toContainText(/JS\d{6}G/);
      await expect(operator.page.locator('main .tag').first()).toHaveText('已挂牌');
      await shot(operator.page, 'story-listed');
    });

    await test.step('the supervisor looks through, down to the leaf', async () => {
      const { page } = supervisor;
      await page.goto('/supervision');
      await axe(page);
      await shot(page, 'story-overview');
      await page.goto('/supervision/companies');
      await page.getByRole('link', { name: fact('name') }).click();
      await page.waitForURL(/\/supervision\/companies\/./);
      await shot(page, 'story-company');
      await page.locator('main table a[href^="/supervision/filings/"]').first().click();
      await page.waitForURL(/\/supervision\/filings\/./);
      await page.locator('a[href*="view=documents"]').click();
      await page.waitForURL(/view=documents/);
      await shot(page, 'story-look-documents');
      await page.getByRole('link', { name: basename(document) }).first().click();
      await page.waitForURL(/\/supervision\/documents\/./);
      const sha256 = createHash('sha256').update(readFileSync(document)).digest('hex');
      await expect(page.locator('main')).toContainText(sha256);
      await axe(page);
      await shot(page, 'story-look-document');
      await page.locator('a[href^="/ledger/entries/"]').first().click();
      await page.waitForURL(/\/ledger\/entries\/./);
      await expect(page.locator('main')).toContainText(sha256);
      await axe(page);
      await shot(page, 'story-leaf');
      // Looking is itself on record.
      await page.goto('/supervision/access');
      await expect(page.locator('main')).toContainText('supervisor 某某');
      await shot(page, 'story-access');
    });

    await test.step('the ledger is sound', async () => {
      expect(guxin('ledger', 'fsck', '--data', instance.data, ...instance.databaseArguments, '--json')).toMatchObject({ status: 0 });
    });
  } finally {
    await instance.kill();
  }
});
