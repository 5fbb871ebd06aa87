/**
 * Names: from the schemas' PascalCase to the forms used in generated code and files.
 */

/** 'TopicData' → 'topicData'. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** 'KRaftVersionRecord' → ['KRaft', 'Version', 'Record']; single capitals stick to the word after them. */
export function words(name: string): string[] {
  return name.match(/[A-Z]*[a-z0-9]+|[A-Z]+/g) ?? [name];
}

/** 'ListOffsets' → 'LIST_OFFSETS'. */
export function constantName(name: string): string {
  return words(name).join('_').toUpperCase();
}

/** 'ListOffsets' → 'list-offsets'. */
export function fileName(name: string): string {
  return words(name).join('-').toLowerCase();
}

/** 'FetchRequest' → 'Fetch'. */
export function apiName(message: string): string {
  return message.replace(/(Request|Response)$/, '');
}
