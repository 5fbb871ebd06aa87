/**
 * `npm run docs [-- --check]`: writes the generated documents, or tells which of them are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCoverage } from './coverage.ts';
import { renderKips } from './kips.ts';
import { renderMetrics } from './metrics.ts';
import { renderWalks } from './walks.ts';

const root = join(import.meta.dirname, '..', '..');
const nodes = join(root, 'packages/broker/src/node');
const check = process.argv.includes('--check');

const documents: Readonly<Record<string, (old: string) => string>> = {
  'docs/coverage.md': () =>
    renderCoverage([
      { listener: 'broker', file: join(nodes, 'broker-handlers.ts') },
      { listener: 'controller', file: join(nodes, 'controller-server.ts') },
    ]),
  'docs/kips.md': () => renderKips(root),
  'docs/metrics.md': renderMetrics,
  'ARCHITECTURE.md': (old) => renderWalks(root, old),
};

let stale = 0;
for (const [name, render] of Object.entries(documents)) {
  const path = join(root, name);
  let old = '';
  try {
    old = readFileSync(path, 'utf8');
  } catch {
    // a new document
  }
  const fresh = render(old);
  if (fresh === old) continue;
  if (check) {
    stale++;
    console.error(`${name} is out of date: run \`npm run docs\``);
  } else {
    writeFileSync(path, fresh);
    console.log(`wrote ${name}`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
