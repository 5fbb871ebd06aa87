/**
 * Reading TypeScript source as text: comments and the insides of literals blanked out, imports listed.
 *
 * A scanner, not a parser: good for formatted code, and positions and line numbers stay what they were. Blanked characters become
 * spaces, so that a rule may search the rest with a regular expression.
 */

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

const REGEX_MAY_FOLLOW = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|throw|await|yield|default))\s*$/;

/** The source with comments blanked and, unless `keepStrings`, the insides of string, template and regular expression literals too. */
export function blankLiterals(source: string, keepStrings = false): string {
  const out: string[] = [];
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
  const literal = (text: string): string => (keepStrings ? text : text[0] + blank(text.slice(1, -1)) + text.at(-1));
  /** Depth of braces at which each open template's `${` ends. */
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  const take = (end: number, shown: (text: string) => string): void => {
    out.push(shown(source.slice(at, end)));
    at = end;
  };
  const templatePart = (): void => {
    const end = templateEnd(source, at + 1);
    if (source.startsWith('${', end - 2) && source[end - 1] === '{') templates.push(depth++);
    take(end, literal);
  };
  while (at < source.length) {
    const char = source[at] as string;
    if (source.startsWith('//', at)) take(endOf(source, '\n', at, 0), blank);
    else if (source.startsWith('/*', at)) take(endOf(source, '*/', at + 2, 2), blank);
    else if (char === "'" || char === '"') take(quotedEnd(source, at + 1, char), literal);
    else if (char === '`') templatePart();
    else if (char === '}' && templates.at(-1) === depth - 1) {
      depth = templates.pop() as number;
      templatePart();
    } else if (char === '/' && REGEX_MAY_FOLLOW.test(source.slice(Math.max(0, at - 40), at))) {
      take(regexEnd(source, at + 1), literal);
    } else {
      if (char === '{') depth++;
      else if (char === '}') depth--;
      take(at + 1, (text) => text);
    }
  }
  return out.join('');
}

function endOf(source: string, mark: string, from: number, markLength: number): number {
  const found = source.indexOf(mark, from);
  return found < 0 ? source.length : found + markLength;
}

function quotedEnd(source: string, from: number, quote: string): number {
  let at = from;
  while (at < source.length && source[at] !== quote && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1;
  return Math.min(at + 1, source.length);
}

/** Behind the closing backtick or behind the next `${`. */
function templateEnd(source: string, from: number): number {
  let at = from;
  while (at < source.length && source[at] !== '`' && !source.startsWith('${', at)) at += source[at] === '\\' ? 2 : 1;
  return Math.min(source[at] === '$' ? at + 2 : at + 1, source.length);
}

function regexEnd(source: string, from: number): number {
  let at = from;
  let inClass = false;
  while (at < source.length && source[at] !== '\n' && (inClass || source[at] !== '/')) {
    if (source[at] === '[') inClass = true;
    else if (source[at] === ']') inClass = false;
    at += source[at] === '\\' ? 2 : 1;
  }
  return Math.min(at + 1, source.length);
}

/** Every static, dynamic and re-exporting import with a literal specifier. */
export function importsOf(source: string): Import[] {
  const code = blankLiterals(source);
  const pattern =
    /(?:\b(?:from|import)\s*|\b(?:import|require|import\.meta\.resolve|require\.resolve)\s*\(\s*)(['"])\s*\1/g;
  return [...code.matchAll(pattern)].map((match) => {
    const end = match.index + match[0].length - 1;
    const start = match.index + match[0].indexOf(match[1] as string) + 1;
    return { specifier: source.slice(start, end), line: lineOf(source, match.index) };
  });
}

/** 1-based line of a position. */
export function lineOf(source: string, position: number): number {
  let line = 1;
  for (let at = source.indexOf('\n'); at >= 0 && at < position; at = source.indexOf('\n', at + 1)) line++;
  return line;
}
