// What the benchmarks measured, as tables. Called by scripts/bench.sh:
//
//   node figures.mjs machine DIRECTORY        prints what the machine is, and the disk under DIRECTORY, as JSON
//   node figures.mjs write RESULTS DOCUMENT NAME…
//                                             puts a table for each RESULTS/NAME.json between DOCUMENT's markers
//                                             <!-- figures: NAME --> and <!-- end -->
//
// A result without a place in the document is an error: a figure that nobody can read was not measured.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

const said = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' }).trim();

function machine(directory) {
  const [disk, fileSystem] = said('findmnt', '-n', '-o', 'SOURCE,FSTYPE', '-T', directory).split(/\s+/);
  return {
    measured: new Date().toISOString().slice(0, 10),
    commit: said('git', 'describe', '--always', '--dirty'),
    processor: cpus()[0].model.trim(),
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    disk,
    file_system: fileSystem,
    compiler: said('rustc', '--version').split(' ')[1],
  };
}

// 12345.6 -> 12,346; 12.34 -> 12.3; 0.04567 -> 0.046
function figure(value) {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  if (value !== 0 && Math.abs(value) < 0.1) return String(Number(value.toPrecision(2)));
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const bytes = (count) => (count >= 1e6 ? `${figure(count / 1e6)} MB` : `${figure(count / 1e3)} kB`);
const waits = (side) => `${figure(side.p50_ms)} / ${figure(side.p99_ms)}`;

// Columns that begin with a minus are numbers and stand to the right.
function table(columns, rows) {
  const head = columns.map((column) => column.replace(/^-/, ''));
  const rule = columns.map((column) => (column.startsWith('-') ? '---:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const TABLES = {
  machine: (found) =>
    table(
      ['What', 'Which'],
      [
        ['Measured', `${found.measured}, commit ${found.commit}`],
        ['Processor', `${found.processor}, ${found.cores} cores`],
        ['Memory', `${found.memory_gb} GB`],
        ['Disk', `${found.disk}, ${found.file_system}`],
        ['Kernel, compiler', `Linux ${found.kernel}, Rust ${found.compiler}`],
      ],
    ),

  sequencer(found) {
    const row = (name, part) => [
      name,
      figure(part.events_per_second),
      part.p50_ms === undefined ? '' : waits(part),
      figure(part.raw_append_per_second),
      part.chain_per_second === undefined ? '' : figure(part.chain_per_second),
      `**${figure(part.ratio)}**`,
      part.ratio_to_chain === undefined ? '' : `**${figure(part.ratio_to_chain)}**`,
      part.syncs_per_event === undefined ? '' : figure(part.syncs_per_event),
    ];
    return table(
      ['Outstanding', '-Events/s', '-p50 / p99, ms', '-Append + `fdatasync`, entries/s', '-SQLite hash chain, entries/s', '-Ratio to appending', '-to the chain', '-Syncs per event'],
      [
        ...found.clients.map((part) => row(String(part.outstanding), part)),
        row(`backlog of ${figure(found.backlog.events)}`, found.backlog),
      ],
    );
  },

  faults(found) {
    return table(
      ['Kind', '-Every', '-Places', '-Acknowledged all the same', '-Refused', '-Answer lost', '-Slowest way back, ms', '-Losses'],
      found.map((kind) => [
        `\`${kind.kind}\``,
        figure(kind.every),
        figure(kind.places),
        figure(kind.acknowledged),
        figure(kind.refused),
        figure(kind.lost_answers),
        kind.slowest_back_ms > 0 ? figure(kind.slowest_back_ms) : '',
        // A run that lost anything has failed before it came here.
        '0',
      ]),
    );
  },

  upload(found) {
    const rows = found.sets.flatMap((set) => {
      const row = (name, side, ratio) => [
        name,
        figure(side.per_second),
        bytes(side.per_second * set.bytes),
        waits(side),
        figure(side.processor_ms),
        ratio === undefined ? '' : `**${figure(ratio)}**`,
      ];
      return [
        row(`${figure(set.files)} × ${bytes(set.bytes)}: Guxin`, set.product),
        row('the plain handler', set.handler, set.ratio_to_handler),
        row('the disk', set.disk, set.ratio_to_disk),
      ];
    });
    return table(['Files', '-Files/s', '-Per second', '-p50 / p99, ms', '-Processor, ms per file', '-Guxin to this'], rows);
  },

  pages(found) {
    return table(
      ['Page', 'Encoding', '-Sent', '-Outstanding', '-Pages/s', '-p50 / p99, ms', '-Processor, ms', '-Precomputed/s', '-its processor, ms', '-Ratio'],
      found.cases.map((part) => [
        part.page,
        part.encoding,
        bytes(part.bytes),
        String(part.outstanding),
        figure(part.product.per_second),
        waits(part.product),
        figure(part.product.processor_ms),
        figure(part.precomputed.per_second),
        figure(part.precomputed.processor_ms),
        `**${figure(part.ratio)}**`,
      ]),
    );
  },
};

function write(results, document, ...names) {
  let text = readFileSync(document, 'utf8');
  for (const name of names) {
    const begin = `<!-- figures: ${name} -->\n`;
    const from = text.indexOf(begin);
    const to = text.indexOf('<!-- end -->', from);
    if (!TABLES[name] || from < 0 || to < 0) throw new Error(`${document} has no place for ${name}`);
    const found = JSON.parse(readFileSync(join(results, `${name}.json`), 'utf8'));
    text = `${text.slice(0, from + begin.length)}\n${TABLES[name](found)}\n\n${text.slice(to)}`;
  }
  writeFileSync(document, text);
}

const [task, ...rest] = process.argv.slice(2);
if (task === 'machine' && rest.length === 1) console.log(JSON.stringify(machine(rest[0]), null, 2));
else if (task === 'write' && rest.length > 2) write(...rest);
else throw new Error('usage: figures.mjs machine DIRECTORY | write RESULTS DOCUMENT NAME…');
