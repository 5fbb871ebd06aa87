/**
 * Regular expressions over topic names, in the syntax of RE2: matching takes time linear in the name, whatever the expression.
 *
 * Source: com.google.re2j.Pattern, as Kafka uses it.
 */
import { RE2JS, RE2JSSyntaxException } from 're2js';

/** A compiled expression. */
export interface TopicRegex {
  /** Whether the whole name matches. */
  matches(topic: string): boolean;
}

/** The compiled expression, or in words what is wrong with it. */
export function compileTopicRegex(regex: string): TopicRegex | string {
  try {
    const compiled = RE2JS.compile(regex);
    return { matches: (topic) => compiled.matches(topic) };
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return error.getDescription() ?? error.message;
    throw error;
  }
}
