// The documents of a listing application, and what its company would type: read from a pack and its truth file, so that a
// story names neither a document nor a figure. The pack of the stories is the clean one; `read` takes any.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'fixtures');

export interface Truth {
  company: Record<string, unknown>;
  periods: Record<string, Record<string, number | string>>;
  holders: unknown[];
  slots: Record<string, { status: string; files?: string[] }>;
  files: { path: string; slot: string; text_layer: boolean | string; would_be_slot?: string; facts?: Record<string, unknown> }[];
  expected_findings: { type: string }[];
}

export interface Pack {
  folder: string;
  truth: Truth;
  /** A fact about the company, as text; empty where the truth file has none. */
  fact: (name: string) => string;
  /** The same, or what the first of its documents says about itself. */
  said: (name: string) => string;
  /** What goes where: slot -> absolute paths. */
  documents: [slot: string, files: string[]][];
  /** The structured fields as somebody types them: amounts in yuan, days as they stand in the documents. */
  fields: Record<string, string>;
}

/** The words of the form for the words of an opinion. */
const OPINIONS: [RegExp, string][] = [
  [/无法表示|拒绝/, 'disclaimer'],
  [/否定/, 'adverse'],
  [/保留意见/, 'qualified'],
];

function opinion(said: string): string {
  if (/无保留/.test(said)) return 'unqualified';
  return OPINIONS.find(([words]) => words.test(said))?.[1] ?? '';
}

/** Reads a pack: a folder of documents and what is true about them. */
export function read(documents: string, truthFile: string): Pack {
  const truth = JSON.parse(readFileSync(truthFile, 'utf8')) as Truth;
  const { company, periods } = truth;
  const fact = (name: string) => String(company[name] ?? '');
  const latest = Object.values(periods).reduce((a, b) => (String(a.period_end) > String(b.period_end) ? a : b));
  const year = periods[Object.keys(periods).filter((label) => /^\d{4}$/.test(label)).sort().at(-1) ?? ''] ?? latest;
  return {
    folder: documents,
    truth,
    fact,
    said: (name) => fact(name) || String(truth.files.find((file) => file.facts?.[name] !== undefined)?.facts?.[name] ?? ''),
    documents: Object.entries(truth.slots)
      .filter(([, slot]) => slot.status === 'filled')
      .map(([slot, { files = [] }]) => [slot, files.map((file) => join(documents, file))]),
    fields: {
      company_name: fact('name'),
      short_name: fact('short_name'),
      credit_code: fact('credit_code'),
      company_type: 'joint_stock',
      registered_capital: fact('registered_capital_yuan'),
      paid_in_capital: fact('registered_capital_yuan'),
      established_date: fact('established'),
      converted_date: fact('converted'),
      legal_representative: fact('legal_representative'),
      actual_controller: fact('actual_controller'),
      registered_address: fact('address'),
      city: 'nanjing',
      industry: fact('industry'),
      main_business: '压力与流量传感器的研发、生产和销售',
      board: 'growth',
      layer: 'G',
      application_date: fact('application_date'),
      resolution_date: fact('resolution_date'),
      has_qualifications: 'yes',
      has_valuation: 'yes',
      share_total: fact('registered_capital_yuan'),
      holder_count: String(truth.holders.length),
      sponsor_name: fact('sponsor'),
      accounting_firm_name: fact('auditor'),
      law_firm_name: fact('law_firm'),
      audit_opinion: opinion(fact('opinion_type')),
      audit_report_number: fact('audit_report_number'),
      audit_verification_code: fact('verification_code'),
      audit_period_end: String(latest.period_end),
      revenue_last_year: String(year.revenue_yuan),
      net_profit_last_year: String(year.net_profit_yuan),
      total_assets: String(latest.total_assets_yuan),
      total_liabilities: String(latest.total_liabilities_yuan),
      equity: String(latest.equity_yuan),
      contact_person: '陆清和',
      contact_phone: '025-00000000',
    },
  };
}

export const CLEAN = read(join(folder, 'clean'), join(folder, 'clean.truth.json'));
export const { fact, documents: DOCUMENTS, fields: FIELDS } = CLEAN;
