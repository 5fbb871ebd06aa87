/**
 * A group of a type that this version recognises in the log and does not serve.
 *
 * It guards what belongs to the other protocol: nobody joins it, its offsets neither change nor expire, it cannot be deleted, and nothing
 * but what is in the log already says anything about it. Invariant: no record is ever written for it.
 */
import { ErrorCode, type ListedGroup, newListedGroup } from '@skarab/protocol';
import type { Group, RetentionBase, UnservedGroupType } from './group.ts';
import type { GroupRecord } from './records/group-record.ts';

/** A streams group. */
export class UnservedGroup implements Group {
  readonly type: UnservedGroupType;
  readonly groupId: string;
  readonly isEmpty = false;
  readonly stateName = 'Unknown';

  constructor(type: UnservedGroupType, groupId: string) {
    this.type = type;
    this.groupId = groupId;
  }

  asListedGroup(): ListedGroup {
    return newListedGroup({
      groupId: this.groupId,
      protocolType: this.type,
      groupState: this.stateName,
      groupType: this.type,
    });
  }

  validateOffsetCommit(): ErrorCode {
    return ErrorCode.UNKNOWN_MEMBER_ID;
  }

  validatePartitionCommit(): ErrorCode {
    return ErrorCode.NONE;
  }

  validateOffsetFetch(memberId: string | null, memberEpoch: number): ErrorCode {
    return memberId === null && memberEpoch < 0 ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }

  validateOffsetDelete(): ErrorCode {
    return ErrorCode.NON_EMPTY_GROUP;
  }

  validateDeleteGroup(): ErrorCode {
    return ErrorCode.NON_EMPTY_GROUP;
  }

  requestMetadataRefresh(): void {}

  isSubscribedToTopic(): boolean {
    return true;
  }

  retentionBase(): RetentionBase | null {
    return null;
  }

  tombstones(): GroupRecord[] {
    return [];
  }
}
