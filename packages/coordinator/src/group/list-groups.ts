/**
 * Answers ListGroups, with groups of every type, from what exists as of the last commit.
 *
 * Source: GroupMetadataManager.listGroups.
 */
import type { ListedGroup, ListGroupsRequest } from '@skarab/protocol';
import type { ShardParts } from './shard-parts.ts';

/** The groups that pass the filters; an empty filter passes everything, a word that is no state or type passes nothing. */
export function listGroups(parts: ShardParts, request: ListGroupsRequest): ListedGroup[] {
  const states = new Set(request.statesFilter.map((state) => state.toLowerCase().trim()));
  const types = new Set(request.typesFilter.map((type) => type.toLowerCase()));
  const listed: ListedGroup[] = [];
  for (const group of parts.registry.committed()) {
    if (states.size > 0 && !states.has(filterNameOf(group.stateName))) continue;
    if (types.size > 0 && !types.has(group.type)) continue;
    listed.push(group.asListedGroup());
  }
  return listed;
}

/** A state as filters name it; one of the states of streams groups has a name of its own there. */
function filterNameOf(stateName: string): string {
  return stateName === 'NotReady' ? 'not_ready' : stateName.toLowerCase();
}
