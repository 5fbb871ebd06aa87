/**
 * What a published package's `package.json` and declarations say instead of the workspace's: JavaScript, not sources.
 *
 * Shape: codec, pure.
 */

/** The parts of a `package.json` that matter here. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The manifest to publish: `./src/x.ts` becomes `./lib/x.js` with its declarations, programs the bundle. */
export function publishedManifest(manifest: Manifest, dependencies: Manifest['dependencies']): object {
  const { exports, bin, dependencies: _, ...rest } = manifest;
  const published = Object.entries(exports ?? {}).map(([name, path]) => {
    const stem = path.replace(/^\.\/src\//, './lib/').replace(/\.ts$/, '');
    return [name, { types: `${stem}.d.ts`, default: `${stem}.js` }];
  });
  return {
    ...rest,
    ...(exports === undefined ? {} : { exports: Object.fromEntries(published) }),
    ...(bin === undefined ? {} : { bin: Object.fromEntries(Object.keys(bin).map((name) => [name, `./${name}.mjs`])) }),
    ...(dependencies === undefined ? {} : { dependencies }),
  };
}

/** Declarations name sources in their relative imports; published ones name what lies beside them. */
export function withJavaScriptImports(declarations: string): string {
  return declarations.replaceAll(/((?:from|import\()\s*')(\.{1,2}\/[^']*)\.ts'/g, "$1$2.js'");
}
