/**
 * How the member that leads a group of the classic protocol assigns: each partition to one member, in turn.
 *
 * Where members keep what they have when they join, a partition of another one is given to nobody until that one has given it up: it joins again then.
 * Source: org.apache.kafka.clients.consumer.CooperativeStickyAssignor.
 */
import type { JoinGroupResponseMember } from '@skarab/protocol';
import { claimIn } from './embedded-protocol.ts';

/** The partitions of each member, in the order of the members. */
export function assign(members: readonly JoinGroupResponseMember[], partitions: number): number[][] {
  // The coordinator names members in any order.
  const ids = members.map(({ memberId }) => memberId).toSorted();
  const owners = ownersOf(members);
  const isFree = (partition: number, id: string): boolean => (owners.get(partition) ?? id) === id;
  return members.map(({ memberId }) =>
    Array.from({ length: partitions }, (_, i) => i).filter(
      (partition) => ids[partition % ids.length] === memberId && isFree(partition, memberId),
    ),
  );
}

/** Who has which partition; where two say so, the one of the later generation. */
function ownersOf(members: readonly JoinGroupResponseMember[]): Map<number, string> {
  const owners = new Map<number, string>();
  const claims = members.map(({ memberId, metadata }) => ({ memberId, ...claimIn(metadata) }));
  for (const { memberId, owned } of claims.toSorted((a, b) => a.generationId - b.generationId))
    for (const partition of owned) owners.set(partition, memberId);
  return owners;
}
