/**
 * Words that no file of the repository may hold: hosts of package registries (how packages come is the machine's own setting) and
 * places of the machine somebody happened to work on.
 */
import { lineOf } from './source-text.ts';
import type { Finding, Workspace } from './workspace.ts';

/** Joined here so that this file does not hold them itself. */
const hosts = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['repo1', 'maven', 'org'],
  ['repo', 'maven', 'apache', 'org'],
  ['pypi', 'org'],
  ['files', 'pythonhosted', 'org'],
  ['proxy', 'golang', 'org'],
  ['sum', 'golang', 'org'],
  ['deb', 'debian', 'org'],
].map((parts) => parts.join('\\.'));

const forbidden: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`(?<![\\w.-])(?:${hosts.join('|')})`, 'g'), 'names a registry host'],
  [/https?:\/\/[^/\s"'`<>)]*\b(?:registry|artifactory|nexus|mirror)\b[^/\s"'`<>)]*\.[a-z]/g, 'names a registry host'],
  [new RegExp(`(?<![\\w.@-])/${'work'}/`, 'g'), 'holds an absolute path of a workplace'],
  [new RegExp(`(?<![\\w./-])${'shared'}/(?:design|reference)\\b`, 'g'), 'holds a path of a workplace'],
  [new RegExp(`/tmp/${'ksrc'}`, 'g'), 'holds an absolute path of a workplace'],
  [new RegExp(`(?<![\\w.-])/(?:home|Users)/${'[a-z]+'}/`, 'g'), 'holds a path of a home folder'],
];

/** One finding per file and kind, at its first place. */
export function checkMentions(workspace: Workspace): Finding[] {
  return workspace.files.flatMap((file) => {
    const said = new Set<string>();
    return forbidden.flatMap(([pattern, what]): Finding[] => {
      const match = [...file.text.matchAll(pattern)][0];
      if (match === undefined || said.has(what)) return [];
      said.add(what);
      return [
        { level: 'error', where: `${file.path}:${lineOf(file.text, match.index)}`, what: `${what}: ${match[0]}` },
      ];
    });
  });
}
