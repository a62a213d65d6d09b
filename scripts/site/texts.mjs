// Checks the texts in app/locales: every part exists in both languages with the same keys and the same %{places}, nothing is
// empty, the Chinese keeps the house's tone, and every key that the code asks for was written.
// Called by scripts/check.sh and scripts/test.sh: node texts.mjs PROJECT. Exit status 1 when there is a finding.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseDocument } from 'yaml';

const project = process.argv[2];
const folder = join(project, 'app/locales');
const LANGUAGES = ['zh-CN', 'en'];
const findings = [];

function flatten(node, prefix, into, file) {
  for (const [key, value] of Object.entries(node ?? {})) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) flatten(value, path, into, file);
    else if (typeof value !== 'string') findings.push(`${file}: ${path} is not a text (${JSON.stringify(value)}); quote it`);
    else into.set(path, { text: value, file });
  }
}

const texts = new Map(LANGUAGES.map((language) => [language, new Map()]));
for (const name of readdirSync(folder).sort()) {
  const language = LANGUAGES.find((tag) => name.endsWith(`.${tag}.yml`));
  const file = `app/locales/${name}`;
  if (!language) {
    findings.push(`${file}: not named <part>.zh-CN.yml or <part>.en.yml`);
    continue;
  }
  // A key that stands twice is an error to the parser.
  const document = parseDocument(readFileSync(join(folder, name), 'utf8'));
  for (const error of document.errors) findings.push(`${file}: ${error.message}`);
  const part = new Map();
  flatten(document.toJS(), '', part, file);
  for (const [key, entry] of part) {
    const other = texts.get(language).get(key);
    if (other) findings.push(`${file}: ${key} is also in ${other.file}`);
    texts.get(language).set(key, entry);
  }
}

const places = (text) => [...text.matchAll(/%\{(\w+)\}/g)].map((match) => match[1]).sort().join(' ');
const [chinese, english] = LANGUAGES.map((tag) => texts.get(tag));
if (chinese.size === 0) findings.push('app/locales holds no text');
for (const [key, { text, file }] of chinese) {
  const translated = english.get(key);
  if (!translated) findings.push(`${file}: ${key} has no English`);
  else if (places(text) !== places(translated.text)) findings.push(`${translated.file}: ${key} has the places {${places(translated.text)}}, the Chinese has {${places(text)}}`);
  if (/[!！]/.test(text)) findings.push(`${file}: ${key} exclaims`);
  if (/成功地/.test(text)) findings.push(`${file}: ${key} says 成功地`);
}
for (const [key, { text, file }] of english) {
  if (!chinese.has(key)) findings.push(`${file}: ${key} has no Chinese`);
  if (/!/.test(text)) findings.push(`${file}: ${key} exclaims`);
}
for (const entries of [chinese, english]) for (const [key, { text, file }] of entries) if (!text.trim()) findings.push(`${file}: ${key} is empty`);

// What the code asks for: `lang.t("a.b")`, `.try_t(…)`, `.with(…)`; of `&format!("a.{x}")` the part before the brace must lead somewhere.
const keys = [...chinese.keys()];
const sources = readdirSync(join(project, 'app/src'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.endsWith('.rs'));
for (const entry of sources) {
  const path = join(entry.parentPath, entry.name);
  const source = readFileSync(path, 'utf8');
  for (const [, format, key] of source.matchAll(/\.(?:t|try_t|with)\(\s*&?(format!\(\s*)?"([^"\n]+)"/g)) {
    const written = format && key.includes('{') ? keys.some((known) => known.startsWith(key.slice(0, key.indexOf('{')))) : chinese.has(key);
    if (!written) findings.push(`${relative(project, path)}: asks for ${key}, which nobody wrote`);
  }
}

for (const finding of findings) console.error(finding);
console.error(`texts: ${chinese.size} in Chinese, ${english.size} in English, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
