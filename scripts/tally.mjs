// Adds up what the stages of a run counted and prints one line per stage, then "N passed, N failed". Exit status 1 when
// anything failed, when a stage ended badly without counting a failure, or when a test stage counted nothing at all:
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
  return { passed: attribute('tests') - failed, failed };
}

function playwright(text) {
  const { stats, errors = [] } = JSON.parse(text);
  // A flaky test failed at least once: it counts as a failure. Errors outside tests (a server that did not start) do too.
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length };
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
  console.log(`${stage.padEnd(24)} ${COUNTED.test(stage) ? `${counts.passed} passed, ${counts.failed} failed` : counts.failed ? 'FAILED' : 'good'}${note}`);
}
if (total.passed === 0) total.failed += 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
