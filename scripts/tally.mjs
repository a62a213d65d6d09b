// Adds up what the stages of a run counted and prints one line per stage, then "N passed, N failed". Exit status 1 when
// anything failed (each failure is named before the sum, with how it began: of a long log often only the end is kept), when a stage ended badly without counting a failure, or when a test stage counted nothing at all:
// a run in which no test ran is not a good run.
// Called by scripts/stage.sh: node tally.mjs DIRECTORY
// Reads <stage>.status (an exit status) and, of the same name, .xml (JUnit), .json (Playwright) or .log (cargo test).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.argv[2];
const COUNTED = /^(rust|doc|browser|conformance)/;

function junit(text) {
  const root = /<testsuites\b[^>]*>/.exec(text)?.[0] ?? '';
  const attribute = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0);
  const failed = attribute('failures') + attribute('errors');
  const names = [];
  for (const [, name, body] of text.matchAll(/<testcase name="([^"]*)"[^>]*?(?<!\/)>(.*?)<\/testcase>/gs)) {
    const said = /<(?:failure|error)\b[^>]*>(.*?)<\/(?:failure|error)>/s.exec(body)?.[1];
    if (said !== undefined) names.push(named(name, plain(said)));
  }
  return { passed: attribute('tests') - failed, failed, names };
}

/** A failure in a few lines. */
function named(name, said) {
  const lines = said.split('\n').map((line) => line.trimEnd()).filter(Boolean);
  return [`FAILED ${name}`, ...lines.slice(0, 12).map((line) => `    ${line.slice(0, 300)}`)].join('\n');
}

const plain = (xml) => xml.replace(/&(lt|gt|quot|apos|amp);/g, (_, of) => ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[of]);

function playwright(text) {
  const { stats, errors = [], suites = [] } = JSON.parse(text);
  // A flaky test failed at least once: it counts as a failure. Errors outside tests (a server that did not start) do too.
  const names = errors.map((error) => named('outside a test', error.message ?? ''));
  const walk = (suite) => {
    for (const spec of suite.specs ?? []) {
      for (const { status, projectName, results } of spec.tests) {
        if (status !== 'unexpected' && status !== 'flaky') continue;
        const said = results.flatMap((result) => result.errors ?? []).map((error) => error.message ?? '').join('\n');
        names.push(named(`[${projectName}] ${spec.title}`, said.replace(/\u001b\[[0-9;]*m/g, '')));
      }
    }
    suite.suites?.forEach(walk);
  };
  suites.forEach(walk);
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, names };
}

function doctests(text) {
  const sum = { passed: 0, failed: 0 };
  for (const [, passed, failed] of text.matchAll(/^test result: \S+ (\d+) passed; (\d+) failed;/gm)) {
    sum.passed += Number(passed);
    sum.failed += Number(failed);
  }
  return sum;
}

function count(stage) {
  for (const [extension, parse] of [['xml', junit], ['json', playwright], ['log', doctests]]) {
    const path = join(directory, `${stage}.${extension}`);
    if (existsSync(path)) return parse(readFileSync(path, 'utf8'));
  }
  return { passed: 0, failed: 0 };
}

const total = { passed: 0, failed: 0 };
const failures = [];
for (const file of readdirSync(directory).filter((name) => name.endsWith('.status')).sort()) {
  const stage = file.replace(/\.status$/, '');
  const status = readFileSync(join(directory, file), 'utf8').trim();
  const counts = count(stage);
  let note = '';
  if (status !== '0' && counts.failed === 0) {
    counts.failed = 1;
    note = `  (ended with status ${status})`;
  } else if (status === '0' && COUNTED.test(stage) && counts.passed + counts.failed === 0) {
    counts.failed = 1;
    note = '  (no test ran)';
  }
  total.passed += counts.passed;
  total.failed += counts.failed;
  failures.push(...(counts.names ?? []));
  console.log(`${stage.padEnd(24)} ${COUNTED.test(stage) ? `${counts.passed} passed, ${counts.failed} failed` : counts.failed ? 'FAILED' : 'good'}${note}`);
}
if (total.passed === 0) total.failed += 1;
for (const failure of failures) console.log(failure);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
