/**
 * Regular expressions over topic names, in the syntax of RE2: matching takes time linear in the name, whatever the expression.
 *
 * Source: com.google.re2j.Pattern, as Kafka uses it.
 */
import { createRequire } from 'node:module';

type Re2 = typeof import('re2js');

let loaded: Re2 | undefined;

/** The library costs megabytes and a moment of the start; only those pay who subscribe by expressions. */
function re2(): Re2 {
  loaded ??= createRequire(import.meta.url)('re2js') as Re2;
  return loaded;
}

/** A compiled expression. */
export interface TopicRegex {
  /** Whether the whole name matches. */
  matches(topic: string): boolean;
}

/** The compiled expression, or in words what is wrong with it. */
export function compileTopicRegex(regex: string): TopicRegex | string {
  const { RE2JS, RE2JSSyntaxException } = re2();
  try {
    const compiled = RE2JS.compile(regex);
    return { matches: (topic) => compiled.matches(topic) };
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return error.getDescription() ?? error.message;
    throw error;
  }
}
