/**
 * `npm run build`: bundles the server and its command line into one file, `dist/skarab.mjs`, which starts several times faster than the
 * sources do. `bin/skarab` and `bin/kafka-server-start.sh` take it when it is there and newer than every source.
 */
import { chmodSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'dist');

rmSync(folder, { recursive: true, force: true });
const bundle = await rolldown({
  input: { skarab: join(root, 'packages/cli/src/main.ts') },
  platform: 'node',
  external: ['@node-rs/crc32'],
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
chmodSync(join(folder, 'skarab.mjs'), 0o755);
for (const { fileName } of output) {
  const size = statSync(join(folder, fileName)).size;
  console.log(`dist/${fileName} ${(size / 1024).toFixed(0)} KiB`);
}
