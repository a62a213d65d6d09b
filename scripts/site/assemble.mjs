// Assembles target/site, the folder that the server hands to browsers: public/ as it is, the style files joined in the order
// of style/order.txt, and the WebAssembly with its glue. Beside each compressible file lie its .br and .gz, so that the server
// never compresses the same bytes twice. Writes only what changed and removes what no longer has a source.
// Called by scripts/site.sh: node assemble.mjs PROJECT PKG SITE
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, rmdirSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

// What a page with islands may cost to download: WebAssembly and its glue, brotli, in bytes.
const BUDGET = 250_000;
const COMPRESSIBLE = new Set(['.css', '.html', '.ico', '.js', '.json', '.map', '.mjs', '.svg', '.txt', '.wasm', '.webmanifest', '.xml']);

const [project, pkg, site] = process.argv.slice(2);

function walk(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

function stylesheet() {
  const folder = join(project, 'style');
  const list = join(folder, 'order.txt');
  if (!existsSync(list)) fail('style/order.txt is missing: it names the style files in the order they are joined');
  const order = readFileSync(list, 'utf8').split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
  const present = walk(folder).filter((file) => file.endsWith('.css')).map((file) => relative(folder, file));
  for (const file of present) if (!order.includes(file)) fail(`style/${file} is not named in style/order.txt, so nobody would ever see it`);
  for (const file of order) if (!present.includes(file)) fail(`style/order.txt names ${file}, which does not exist`);
  return Buffer.concat(order.map((file) => Buffer.concat([readFileSync(join(folder, file)), Buffer.from('\n')])));
}

// A server that is running reads either the old file or the new one, never half of one.
function put(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

const files = new Map();
for (const file of walk(join(project, 'public'))) files.set(relative(join(project, 'public'), file), readFileSync(file));
for (const file of walk(pkg)) files.set(join('pkg', relative(pkg, file)), readFileSync(file));
files.set('pkg/guxin.css', stylesheet());

const keep = new Set();
let written = 0;
for (const [name, bytes] of files) {
  const path = join(site, name);
  const changed = !existsSync(path) || !readFileSync(path).equals(bytes);
  if (changed) {
    put(path, bytes);
    written += 1;
  }
  keep.add(path);
  if (!COMPRESSIBLE.has(extname(name)) || bytes.length < 256) continue;
  if (changed || !existsSync(`${path}.br`)) {
    put(`${path}.br`, brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }));
  }
  if (changed || !existsSync(`${path}.gz`)) put(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  keep.add(`${path}.br`).add(`${path}.gz`);
}

for (const path of walk(site)) if (!keep.has(path)) rmSync(path);
for (const entry of readdirSync(site, { recursive: true, withFileTypes: true }).reverse()) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isDirectory() && readdirSync(path).length === 0) rmdirSync(path);
}

const shipped = (name) => statSync(join(site, existsSync(join(site, `${name}.br`)) ? `${name}.br` : name)).size;
const code = [...files.keys()].filter((name) => name.startsWith('pkg/') && /\.(wasm|js)$/.test(name));
const total = code.reduce((sum, name) => sum + shipped(name), 0);
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.error(`site: ${files.size} files, ${written} changed; WebAssembly and glue ${kB(total)} of ${kB(BUDGET)} (brotli), style ${kB(shipped('pkg/guxin.css'))}`);
if (total > BUDGET) {
  fail(`the browser's code weighs ${kB(total)} compressed; the budget is ${kB(BUDGET)}.
${code.map((name) => `  ${name}: ${kB(shipped(name))}`).join('\n')}
  Look for a dependency that slipped into app's hydrate half (cargo tree -p frontend --target wasm32-unknown-unknown -e normal)
  or an island that should be a server-rendered page.`);
}
