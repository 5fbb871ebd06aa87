/**
 * The rules of the house as functions from the workspace to findings; layers.ts runs them all.
 *
 * Imports: declared, exported, from lower floors, not across towers, not out of the package by a relative path.
 * Purity: cores decide and never wait. Packages: complete manifests and a README.
 */
import { dirname, join, normalize } from 'node:path/posix';
import { forbiddenImport, type Place, placeOf } from './floors.ts';
import { blankLiterals, type Import, importsOf, lineOf } from './source-text.ts';
import {
  type Finding,
  isTest,
  type Manifest,
  type Package,
  projectManifestOf,
  type SourceFile,
  typeScriptFiles,
  type Workspace,
} from './workspace.ts';

export type Rule = (workspace: Workspace) => Finding[];

const error = (where: string, what: string): Finding => ({ level: 'error', where, what });

const packageFolderOf = (path: string): string | undefined => /^packages\/([^/]+)\//.exec(path)?.[1];

/** `@scope/name` or `name` of a bare specifier. */
const packageNameOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Every package has a place in the plan, a README, and a manifest that says what it is. */
export const checkPackages: Rule = (workspace) => {
  const paths = new Set(workspace.files.map((file) => file.path));
  return workspace.packages.flatMap(({ folder, manifest }) => {
    const where = `packages/${folder}`;
    const wrong: string[] = [];
    if (placeOf(folder) === undefined) wrong.push('has no floor in tools/check/floors.ts');
    if (!paths.has(`${where}/README.md`)) wrong.push('has no README.md');
    const names = folder === 'cli' ? ['skarab'] : [`@skarab/${folder}`];
    if (!names.includes(manifest.name ?? '')) wrong.push(`package.json "name" must be ${names.join(' or ')}`);
    for (const field of ['description', 'license'] as const)
      if (!manifest[field]) wrong.push(`package.json has no "${field}"`);
    if (manifest.exports === undefined && manifest.bin === undefined)
      wrong.push('package.json has neither "exports" nor "bin"');
    return wrong.map((what) => error(where, what));
  });
};

/** Relative imports stay in their package; only tests reach tools/ and foreign/; nobody reaches into a package from outside. */
export const checkRelativeImports: Rule = (workspace) =>
  typeScriptFiles(workspace, true).flatMap((file) => {
    const own = packageFolderOf(file.path);
    return importsOf(file.text).flatMap(({ specifier, line }) => {
      if (!specifier.startsWith('.')) return [];
      const target = normalize(join(dirname(file.path), specifier));
      const there = packageFolderOf(target);
      if (there !== own && there !== undefined)
        return [error(`${file.path}:${line}`, `reaches into packages/${there} by a relative path`)];
      if (own === undefined || there === own || (isTest(file.path) && target.startsWith('tools/'))) return [];
      return [error(`${file.path}:${line}`, `relative import leaves the package: ${specifier}`)];
    });
  });

/** Bare imports are declared in the right manifest, and only exported paths of our packages are used. */
export const checkDeclaredImports: Rule = (workspace) => {
  const byName = new Map(workspace.packages.map((pkg) => [pkg.manifest.name, pkg]));
  return typeScriptFiles(workspace, true).flatMap((file) => {
    const pkg = workspace.packages.find(({ folder }) => folder === packageFolderOf(file.path));
    const allowed = new Set([
      ...productDependencies(pkg?.manifest ?? {}),
      ...(isTest(file.path)
        ? [
            ...Object.keys((pkg?.manifest ?? projectManifestOf(workspace, file.path)).devDependencies ?? {}),
            ...rootDependencies(workspace.manifest),
          ]
        : []),
    ]);
    const check = ({ specifier, line }: Import): Finding[] => {
      if (specifier.startsWith('.') || specifier.startsWith('node:') || specifier.startsWith('#')) return [];
      const name = packageNameOf(specifier);
      const target = byName.get(name);
      const where = `${file.path}:${line}`;
      if (target !== undefined && !isExported(target.manifest, specifier.slice(name.length))) {
        return [error(where, `${specifier} is not in the "exports" of ${name}`)];
      }
      const outside = pkg === undefined && target !== undefined;
      if (allowed.has(name) || outside || (name === pkg?.manifest.name && isTest(file.path))) return [];
      return [
        error(where, `${name} is not declared in ${pkg === undefined ? '' : `packages/${pkg.folder}/`}package.json`),
      ];
    };
    return importsOf(file.text).flatMap(check);
  });
};

const productDependencies = (manifest: Manifest): string[] => [
  ...Object.keys(manifest.dependencies ?? {}),
  ...Object.keys(manifest.optionalDependencies ?? {}),
  ...Object.keys(manifest.peerDependencies ?? {}),
];

const rootDependencies = (manifest: Manifest): string[] => [
  ...productDependencies(manifest),
  ...Object.keys(manifest.devDependencies ?? {}),
];

function isExported(manifest: Manifest, subpath: string): boolean {
  const { exports } = manifest;
  if (exports === undefined) return false;
  if (typeof exports === 'string') return subpath === '';
  return `.${subpath}` in exports;
}

/** What a manifest declares is imported somewhere in its package. */
export const checkUnusedDependencies: Rule = (workspace) =>
  workspace.packages.flatMap(({ folder, manifest }) => {
    const files = typeScriptFiles(workspace, true).filter((file) => packageFolderOf(file.path) === folder);
    const product = usedNames(files.filter((file) => !isTest(file.path)));
    const all = usedNames(files);
    const where = `packages/${folder}/package.json`;
    return [
      ...Object.keys(manifest.dependencies ?? {}).filter((name) => !product.has(name)),
      ...Object.keys(manifest.devDependencies ?? {}).filter((name) => !all.has(name)),
    ].map((name) => error(where, `declares ${name}, which ${all.has(name) ? 'only tests import' : 'nothing imports'}`));
  });

const usedNames = (files: readonly SourceFile[]): Set<string> =>
  new Set(files.flatMap((file) => importsOf(file.text).map(({ specifier }) => packageNameOf(specifier))));

/** Product code imports from lower floors only, and not from the other tower; dependencies of manifests obey the same. */
export const checkFloors: Rule = (workspace) => {
  const folderOf = new Map(workspace.packages.map(({ folder, manifest }) => [manifest.name, folder]));
  const judge = (from: string, name: string, where: string): Finding[] => {
    const to = folderOf.get(name);
    const why = to === undefined || to === from ? undefined : forbiddenImport(from, to);
    return why === undefined ? [] : [error(where, why)];
  };
  const ofManifest = ({ folder, manifest }: Package): Finding[] =>
    productDependencies(manifest).flatMap((name) => judge(folder, name, `packages/${folder}/package.json`));
  const ofFile = (file: SourceFile): Finding[] => {
    const folder = packageFolderOf(file.path);
    if (folder === undefined || isTest(file.path)) return [];
    return importsOf(file.text).flatMap(({ specifier, line }) =>
      judge(folder, packageNameOf(specifier), `${file.path}:${line}`),
    );
  };
  return [...workspace.packages.flatMap(ofManifest), ...typeScriptFiles(workspace, true).flatMap(ofFile)];
};

const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bawait\b/g, 'await'],
  [/\basync\b(?!\s*:)/g, 'async'],
  [/\bPromise\b/g, 'Promise'],
  [/\bDate\.now\b/g, 'Date.now'],
  [/\bnew Date\(\)/g, 'new Date()'],
  [/\bMath\.random\b/g, 'Math.random'],
  [/\bperformance\.now\b/g, 'performance.now'],
  [/\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g, 'a timer'],
  [/\bprocess\.(?:env|hrtime|nextTick|stdout|stderr|on|exit)\b/g, 'process'],
];

/** Code that decides never waits: no asynchrony, no clock, no chance, no Node modules but the plain-memory ones. */
export const checkPurity: Rule = (workspace) =>
  typeScriptFiles(workspace, true)
    .filter((file) => isPure(file.path))
    .flatMap((file) => {
      const { nodeModules = [] } = placeOf(packageFolderOf(file.path) as string) as Place;
      const code = blankLiterals(file.text);
      const used = IMPURE.flatMap(([pattern, name]) =>
        [...code.matchAll(pattern)].map((match) =>
          error(`${file.path}:${lineOf(file.text, match.index)}`, `pure code uses ${name}`),
        ),
      );
      const imported = importsOf(file.text)
        .filter(
          ({ specifier }) =>
            specifier.startsWith('node:') && specifier !== 'node:buffer' && !nodeModules.includes(specifier),
        )
        .map(({ specifier, line }) => error(`${file.path}:${line}`, `pure code imports ${specifier}`));
      return [...used, ...imported];
    });

function isPure(path: string): boolean {
  const folder = packageFolderOf(path);
  if (folder === undefined || isTest(path)) return false;
  if (path.startsWith(`packages/${folder}/src/core/`)) return true;
  const pure = placeOf(folder)?.pure === true && path.startsWith(`packages/${folder}/src/`);
  return pure && !/\/src\/(?:host|testing)\//.test(path);
}
