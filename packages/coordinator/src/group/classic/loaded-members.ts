/**
 * The members that a checkpoint of a group names.
 */
import { CorruptDataError } from '@skarab/base';
import type { GroupMetadataValue, MemberMetadata } from '@skarab/protocol';
import { ClassicMember } from './classic-member.ts';

/** The members of a checkpoint; each knows only the protocol that was chosen. Errors: `CorruptDataError` for members that no group can have. */
export function loadedMembers(groupId: string, value: GroupMetadataValue): ClassicMember[] {
  const { members, protocol, protocolType } = value;
  if (members.length === 0) return [];
  if (protocol === null) throw new CorruptDataError(`group ${groupId} has members and no protocol`);
  const instances = members.flatMap(({ groupInstanceId }) => (groupInstanceId === null ? [] : [groupInstanceId]));
  const ids = members.map(({ memberId }) => memberId);
  if (new Set(instances).size < instances.length || new Set(ids).size < ids.length)
    throw new CorruptDataError(`group ${groupId} has a member twice`);
  return members.map((member) => loadedMember(member, protocol, protocolType));
}

function loadedMember(stored: MemberMetadata, protocol: string, protocolType: string): ClassicMember {
  const { sessionTimeout, rebalanceTimeout } = stored;
  const member = new ClassicMember(
    { ...stored, protocolType },
    rebalanceTimeout === -1 ? sessionTimeout : rebalanceTimeout,
    sessionTimeout,
    [{ name: protocol, metadata: Uint8Array.from(stored.subscription) }],
  );
  member.assignment = Uint8Array.from(stored.assignment);
  return member;
}
