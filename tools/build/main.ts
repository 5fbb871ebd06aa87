/**
 * `npm run build [-- FOLDER]`: bundles the server and its command line into one program, `skarab.mjs` in `dist`, which starts several times faster
 * than the sources do; beside it the thread that compaction runs in. `bin/skarab` takes the bundle when it is newer than every source.
 */
import { chmodSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..', '..');
const folder = resolve(process.argv[2] ?? join(root, 'dist'));

/** Bundles one program with all that it needs, names kept so that stacks can be read. */
async function build(name: string, entry: string): Promise<void> {
  const bundle = await rolldown({
    input: { [name]: join(root, entry) },
    platform: 'node',
    external: ['@node-rs/crc32', 'pino'],
    treeshake: true,
  });
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    minify: { compress: true, mangle: false },
    comments: false,
  });
  const bytes = output.reduce((sum, { fileName }) => sum + statSync(join(folder, fileName)).size, 0);
  console.log(`${join(folder, name)}.mjs and its parts: ${(bytes / 1024).toFixed(0)} KiB`);
}

rmSync(folder, { recursive: true, force: true });
await build('skarab', 'packages/cli/src/main.ts');
await build('cleaner-thread', 'packages/log/src/host/cleaner/cleaner-thread.ts');
chmodSync(join(folder, 'skarab.mjs'), 0o755);
