/**
 * A member of a classic group, with the requests of its that are parked.
 *
 * Keeps copies of the bytes it is given: request buffers are reused. Source: org.apache.kafka.coordinator.group.classic.ClassicGroupMember.
 */
import { Buffer } from 'node:buffer';
import { assert } from '@skarab/base';
import {
  type DescribedGroupMember,
  EMPTY_BYTES,
  type JoinGroupRequestProtocol,
  type JoinGroupResponse,
  newDescribedGroupMember,
  type SyncGroupResponse,
} from '@skarab/protocol';
import type { PersistedMember } from '../records/group-record.ts';
import type { Reply } from '../reply.ts';

/** A protocol that a member can speak, with what it says in it. */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

/** Who a member is, whatever it does. */
export interface MemberIdentityFields {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly protocolType: string;
}

/** The protocols of a request, in copies. */
export function protocolsOf(protocols: readonly JoinGroupRequestProtocol[]): MemberProtocol[] {
  return protocols.map(({ name, metadata }) => ({ name, metadata: Uint8Array.from(metadata) }));
}

/** One member. */
export class ClassicMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly protocolType: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  /** In the member's order of preference. */
  protocols: readonly MemberProtocol[];
  assignment: Uint8Array = EMPTY_BYTES;
  /** Its parked JoinGroup. */
  awaitingJoin: Reply<JoinGroupResponse> | null = null;
  /** Its parked SyncGroup. */
  awaitingSync: Reply<SyncGroupResponse> | null = null;
  /** Until its first JoinGroup is answered. */
  isNew = false;

  constructor(
    identity: MemberIdentityFields,
    rebalanceTimeoutMs: number,
    sessionTimeoutMs: number,
    protocols: readonly MemberProtocol[],
  ) {
    this.memberId = identity.memberId;
    this.groupInstanceId = identity.groupInstanceId;
    this.clientId = identity.clientId;
    this.clientHost = identity.clientHost;
    this.protocolType = identity.protocolType;
    this.rebalanceTimeoutMs = rebalanceTimeoutMs;
    this.sessionTimeoutMs = sessionTimeoutMs;
    this.protocols = protocols;
  }

  /** What the member says in a protocol that it supports. */
  metadata(protocolName: string): Uint8Array {
    const protocol = this.protocols.find(({ name }) => name === protocolName);
    assert(protocol !== undefined, `member ${this.memberId} does not support protocol ${protocolName}`);
    return protocol.metadata;
  }

  /** A parked request stands for a heartbeat, but a new member can be dropped even while its JoinGroup is parked. */
  get hasSatisfiedHeartbeat(): boolean {
    return !this.isNew && (this.awaitingJoin !== null || this.awaitingSync !== null);
  }

  /** Whether a request offers exactly the protocols that the member has. */
  matches(protocols: readonly JoinGroupRequestProtocol[]): boolean {
    if (protocols.length !== this.protocols.length) return false;
    return this.protocols.every(({ name, metadata }, index) => {
      const other = protocols[index]!;
      return other.name === name && Buffer.compare(other.metadata, metadata) === 0;
    });
  }

  /** The candidate that the member likes best. */
  vote(candidates: ReadonlySet<string>): string {
    const choice = this.protocols.find(({ name }) => candidates.has(name));
    assert(choice !== undefined, `member ${this.memberId} supports no candidate protocol`);
    return choice.name;
  }

  /** As a checkpoint of its group holds it. */
  persisted(protocolName: string, assignment: Uint8Array): PersistedMember {
    const { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs } = this;
    const identity = { memberId, groupInstanceId, clientId, clientHost };
    const subscription = this.metadata(protocolName);
    return { ...identity, rebalanceTimeoutMs, sessionTimeoutMs, subscription, assignment };
  }

  /** As DescribeGroups shows it; without metadata when the group has no protocol. */
  describe(protocolName: string | null): DescribedGroupMember {
    const { memberId, groupInstanceId, clientId, clientHost } = this;
    return newDescribedGroupMember({
      memberId,
      groupInstanceId,
      clientId,
      clientHost,
      memberMetadata: protocolName === null ? EMPTY_BYTES : this.metadata(protocolName),
      memberAssignment: this.assignment,
    });
  }
}
