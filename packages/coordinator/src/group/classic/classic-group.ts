/**
 * A classic group: members that choose their protocol and assignment among themselves, and the generation they are in.
 *
 * Soft state. Members and state live in memory and change as requests are decided, because a rebalance is a conversation that need not survive
 * its coordinator; a finished generation is checkpointed as one record, from which a new coordinator continues (`fromRecord`). Only the
 * group's existence is on the timeline. The deciders are in the other files of this folder. Source: org.apache.kafka.coordinator.group.classic.ClassicGroup.
 */
import { assert } from '@skarab/base';
import {
  ErrorCode,
  type GroupMetadataValue,
  type JoinGroupResponse,
  type JoinGroupResponseMember,
  type ListedGroup,
  newJoinGroupResponse,
  newJoinGroupResponseMember,
  newListedGroup,
  newSyncGroupResponse,
  type SyncGroupResponse,
} from '@skarab/protocol';
import type { CommitOrigin, Group, RetentionBase } from '../group.ts';
import { inHashOrder } from '../java-string.ts';
import { type GroupRecord, groupMetadataRecord, groupMetadataTombstone } from '../records/group-record.ts';
import type { Reply } from '../reply.ts';
import { type ClassicGroupState, canTransition, type StableGeneration } from './classic-group-state.ts';
import { ClassicMember, type MemberProtocol } from './classic-member.ts';
import { loadedMembers } from './loaded-members.ts';
import { ProtocolSupport, selectProtocol } from './protocol-support.ts';
import { CONSUMER_PROTOCOL_TYPE, subscribedTopicsOf } from './subscribed-topics.ts';

/** One classic group. */
export class ClassicGroup implements Group {
  readonly type = 'classic';
  readonly groupId: string;
  readonly members = new Map<string, ClassicMember>();
  /** Member ids by group instance id. */
  readonly staticMembers = new Map<string, string>();
  /** Ids that were given out with MEMBER_ID_REQUIRED and have not joined yet. */
  readonly pendingJoinMembers = new Set<string>();
  /** Members that know the new generation and have not synced yet. */
  readonly pendingSyncMembers = new Set<string>();
  /** A member joined during the initial rebalance since its delay was last looked at. */
  newMemberAdded = false;
  generationId = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  #state: ClassicGroupState = 'Empty';
  #previousState: ClassicGroupState = 'Dead';
  #currentStateTimestampMs: number | null;
  #subscribedTopics: ReadonlySet<string> | null = null;
  #awaitingJoinCount = 0;
  readonly #support = new ProtocolSupport();

  /** An empty group; `nowMs` is null for one that is only a holder of offsets. */
  constructor(groupId: string, nowMs: number | null) {
    this.groupId = groupId;
    this.#currentStateTimestampMs = nowMs;
  }

  /** The group as of its last checkpoint. Errors: `CorruptDataError` for a checkpoint that no group can have. */
  static fromRecord(groupId: string, value: GroupMetadataValue): ClassicGroup {
    const members = loadedMembers(groupId, value);
    const timestamp = Number(value.currentStateTimestamp);
    const group = new ClassicGroup(groupId, timestamp === -1 ? null : timestamp);
    group.generationId = value.generation;
    group.protocolType = value.protocolType === '' ? null : value.protocolType;
    group.leaderId = members.some(({ memberId }) => memberId === value.leader) ? value.leader : null;
    return group.#settle(members, () => value.protocol);
  }

  /** A stable group of members that have an assignment already; the first one leads, and they vote for their protocol. */
  static ofMembers(groupId: string, generation: StableGeneration, members: readonly ClassicMember[]): ClassicGroup {
    const group = new ClassicGroup(groupId, generation.currentStateTimestampMs);
    group.generationId = generation.generationId;
    group.protocolType = generation.protocolType;
    return group.#settle(members, () => group.selectProtocol());
  }

  #settle(members: readonly ClassicMember[], protocolName: () => string | null): this {
    this.#state = members.length === 0 ? 'Empty' : 'Stable';
    for (const member of members) this.add(member, null);
    this.protocolName = protocolName();
    this.#subscribedTopics = this.#computeSubscribedTopics();
    return this;
  }

  get state(): ClassicGroupState {
    return this.#state;
  }

  get previousState(): ClassicGroupState {
    return this.#previousState;
  }

  get stateName(): string {
    return this.#state;
  }

  get isEmpty(): boolean {
    return this.#state === 'Empty';
  }

  isIn(...states: readonly ClassicGroupState[]): boolean {
    return states.includes(this.#state);
  }

  get canRebalance(): boolean {
    return canTransition(this.#state, 'PreparingRebalance');
  }

  transitionTo(state: ClassicGroupState, nowMs: number): void {
    assert(canTransition(this.#state, state), `group ${this.groupId} cannot go from ${this.#state} to ${state}`);
    this.#previousState = this.#state;
    this.#state = state;
    this.#currentStateTimestampMs = nowMs;
  }

  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  isLeader(memberId: string): boolean {
    return this.leaderId === memberId;
  }

  /** How many members have a parked JoinGroup. */
  get awaitingJoinCount(): number {
    return this.#awaitingJoinCount;
  }

  get hasAllMembersJoined(): boolean {
    return this.members.size === this.#awaitingJoinCount && this.pendingJoinMembers.size === 0;
  }

  /** The longest that any member wants a rebalance to wait for it. */
  get rebalanceTimeoutMs(): number {
    let timeoutMs = 0;
    for (const member of this.members.values()) timeoutMs = Math.max(timeoutMs, member.rebalanceTimeoutMs);
    return timeoutMs;
  }

  member(memberId: string): ClassicMember {
    const member = this.members.get(memberId);
    assert(member !== undefined, `group ${this.groupId} has no member ${memberId}`);
    return member;
  }

  /** Takes a member in, with its parked JoinGroup. The first one sets the protocol type and leads. */
  add(member: ClassicMember, reply: Reply<JoinGroupResponse> | null): void {
    const { memberId, groupInstanceId } = member;
    if (groupInstanceId !== null) {
      assert(
        !this.staticMembers.has(groupInstanceId),
        `static member ${groupInstanceId} is in ${this.groupId} already`,
      );
      this.staticMembers.set(groupInstanceId, memberId);
    }
    if (this.members.size === 0) this.protocolType = member.protocolType;
    assert(this.protocolType === member.protocolType, `group ${this.groupId} has another protocol type`);
    const names = member.protocols.map(({ name }) => name);
    assert(this.supportsProtocols(member.protocolType, names), `group ${this.groupId} supports none of ${names}`);
    this.leaderId ??= memberId;
    this.members.set(memberId, member);
    this.#support.add(member.protocols);
    this.#park(member, reply);
    this.pendingJoinMembers.delete(memberId);
  }

  /** Changes what a member says about itself, and parks its JoinGroup. */
  update(
    member: ClassicMember,
    protocols: readonly MemberProtocol[],
    rebalanceTimeoutMs: number,
    sessionTimeoutMs: number,
    reply: Reply<JoinGroupResponse> | null,
  ): void {
    this.#support.remove(member.protocols);
    member.protocols = protocols;
    this.#support.add(protocols);
    member.rebalanceTimeoutMs = rebalanceTimeoutMs;
    member.sessionTimeoutMs = sessionTimeoutMs;
    this.#park(member, reply);
  }

  /** Lets a member, or a pending one, go; what it has parked is answered so that a live client starts anew. Another member leads if it led. */
  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) {
      this.members.delete(memberId);
      this.#support.remove(member.protocols);
      if (member.groupInstanceId !== null) this.staticMembers.delete(member.groupInstanceId);
      const errorCode = ErrorCode.UNKNOWN_MEMBER_ID;
      this.completeJoin(member, newJoinGroupResponse({ memberId: '', errorCode }));
      this.completeSync(member, newSyncGroupResponse({ errorCode }));
    }
    if (this.isLeader(memberId)) this.leaderId = this.#idsInHashOrder()[0] ?? null;
    this.pendingJoinMembers.delete(memberId);
    this.pendingSyncMembers.delete(memberId);
  }

  /** Gives a static member a new id; whoever still waits under the old one is fenced. */
  replaceStaticMember(groupInstanceId: string, oldMemberId: string, newMemberId: string): ClassicMember {
    const old = this.member(oldMemberId);
    this.members.delete(oldMemberId);
    const errorCode = ErrorCode.FENCED_INSTANCE_ID;
    this.completeJoin(old, newJoinGroupResponse({ memberId: oldMemberId, errorCode }));
    this.completeSync(old, newSyncGroupResponse({ errorCode }));
    const { rebalanceTimeoutMs, sessionTimeoutMs, protocols } = old;
    const identity = { ...old, memberId: newMemberId };
    const replacement = new ClassicMember(identity, rebalanceTimeoutMs, sessionTimeoutMs, protocols);
    replacement.assignment = old.assignment;
    this.members.set(newMemberId, replacement);
    if (this.isLeader(oldMemberId)) this.leaderId = newMemberId;
    this.staticMembers.set(groupInstanceId, newMemberId);
    return replacement;
  }

  /** A request that is still parked when the next one comes was sent over a connection that is gone. */
  #park(member: ClassicMember, reply: Reply<JoinGroupResponse> | null): void {
    const { memberId, awaitingJoin } = member;
    this.#awaitingJoinCount += Number(reply !== null) - Number(awaitingJoin !== null);
    member.awaitingJoin = reply;
    awaitingJoin?.send(newJoinGroupResponse({ memberId, errorCode: ErrorCode.REBALANCE_IN_PROGRESS }));
  }

  /** Parks a member's SyncGroup. */
  parkSync(member: ClassicMember, reply: Reply<SyncGroupResponse>): void {
    const { awaitingSync } = member;
    member.awaitingSync = reply;
    awaitingSync?.send(newSyncGroupResponse({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS }));
  }

  /** Answers a member's parked JoinGroup, if there is one. */
  completeJoin(member: ClassicMember, response: JoinGroupResponse): void {
    member.awaitingJoin?.send(response);
    this.#park(member, null);
  }

  /** Answers a member's parked SyncGroup; false when there is none. */
  completeSync(member: ClassicMember, response: SyncGroupResponse): boolean {
    const reply = member.awaitingSync;
    member.awaitingSync = null;
    reply?.send(response);
    return reply !== null;
  }

  /** Whether the leader has joined, after electing another member that has if it has not; false when nobody joined. */
  maybeElectNewJoinedLeader(): boolean {
    if (this.leaderId === null) return false;
    if (this.member(this.leaderId).awaitingJoin !== null) return true;
    const joined = this.#idsInHashOrder().find((memberId) => this.member(memberId).awaitingJoin !== null);
    this.leaderId = joined ?? this.leaderId;
    return joined !== undefined;
  }

  /** Who leads when the leader is gone is decided as on the JVM. */
  #idsInHashOrder(): string[] {
    return inHashOrder([...this.members.keys()]);
  }

  /** Whether a member that offers these protocols can be in the group. */
  supportsProtocols(protocolType: string, names: readonly string[]): boolean {
    if (this.isEmpty) return protocolType !== '' && names.length > 0;
    return this.protocolType === protocolType && names.some((name) => this.#support.count(name) === this.members.size);
  }

  selectProtocol(): string {
    return selectProtocol(this.members.values(), this.#support.candidates(this.members.size));
  }

  /** Everybody who joined is in the next generation; an empty group has one too. */
  initNextGeneration(nowMs: number): void {
    this.generationId++;
    const isEmpty = this.members.size === 0;
    this.protocolName = isEmpty ? null : this.selectProtocol();
    this.#subscribedTopics = this.#computeSubscribedTopics();
    this.transitionTo(isEmpty ? 'Empty' : 'CompletingRebalance', nowMs);
    this.pendingSyncMembers.clear();
  }

  /** The members as their leader learns them. */
  joinResponseMembers(): JoinGroupResponseMember[] {
    const { protocolName } = this;
    assert(protocolName !== null, `group ${this.groupId} has no protocol yet`);
    return [...this.members.values()].map((member) => {
      const { memberId, groupInstanceId } = member;
      return newJoinGroupResponseMember({ memberId, groupInstanceId, metadata: member.metadata(protocolName) });
    });
  }

  /** A successful JoinGroup response for a member; only the leader learns who the others are. */
  joinResponse(memberId: string): JoinGroupResponse {
    return newJoinGroupResponse({
      generationId: this.generationId,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      leader: this.leaderId ?? '',
      memberId,
      members: this.isLeader(memberId) ? this.joinResponseMembers() : [],
    });
  }

  /** The checkpoint of the present generation, with the given assignments or else each member's own. */
  toRecord(assignments?: ReadonlyMap<string, Uint8Array>): GroupRecord {
    const { groupId, protocolType, protocolName, generationId, leaderId } = this;
    const members = [...this.members.values()].map((member) => {
      assert(protocolName !== null, `group ${groupId} has members and no protocol`);
      const assignment = assignments === undefined ? member.assignment : assignments.get(member.memberId);
      assert(assignment !== undefined, `member ${member.memberId} of group ${groupId} has no assignment`);
      return member.persisted(protocolName, assignment);
    });
    const currentStateTimestampMs = this.#currentStateTimestampMs;
    const generation = { protocolType, protocolName, generationId, leaderId, currentStateTimestampMs };
    return groupMetadataRecord({ groupId, ...generation, members });
  }

  tombstones(): GroupRecord[] {
    return [groupMetadataTombstone(this.groupId)];
  }

  asListedGroup(): ListedGroup {
    return newListedGroup({
      groupId: this.groupId,
      protocolType: this.protocolType ?? '',
      groupState: this.#state,
      groupType: this.type,
    });
  }

  /** NONE, or why a request does not come from a member of the group. */
  validateMember(memberId: string, groupInstanceId: string | null): ErrorCode {
    if (groupInstanceId !== null) {
      const current = this.staticMembers.get(groupInstanceId);
      if (current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
      if (current !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
    }
    return this.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }

  validateOffsetCommit(origin: CommitOrigin): ErrorCode {
    const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId, isTransactional } = origin;
    if (this.#state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    // An admin client, or a consumer that assigns partitions to itself.
    if (generationId < 0 && this.isEmpty) return ErrorCode.NONE;
    if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
      const error = this.validateMember(memberId, groupInstanceId);
      if (error !== ErrorCode.NONE) return error;
      if (generationId !== this.generationId) return ErrorCode.ILLEGAL_GENERATION;
    } else if (!isTransactional && !this.isEmpty) return ErrorCode.UNKNOWN_MEMBER_ID;
    // The member knows the new generation but not its assignment yet; old transactional clients never say.
    if (!isTransactional && this.#state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
    return ErrorCode.NONE;
  }

  validatePartitionCommit(): ErrorCode {
    return ErrorCode.NONE;
  }

  validateOffsetFetch(): ErrorCode {
    return this.#state === 'Dead' ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE;
  }

  validateOffsetDelete(): ErrorCode {
    if (this.#state === 'Dead') return ErrorCode.GROUP_ID_NOT_FOUND;
    return this.isEmpty || this.usesConsumerProtocol ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  validateDeleteGroup(): ErrorCode {
    if (this.#state === 'Dead') return ErrorCode.GROUP_ID_NOT_FOUND;
    return this.isEmpty ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP;
  }

  /** Its members look at the metadata themselves. */
  requestMetadataRefresh(): void {}

  /** While a consumer group's topics are not known, it might subscribe to any. */
  isSubscribedToTopic(topic: string): boolean {
    return this.#subscribedTopics?.has(topic) ?? this.usesConsumerProtocol;
  }

  retentionBase(): RetentionBase | null {
    const ofCommit: RetentionBase = ({ commitTimestampMs }) => commitTimestampMs;
    if (this.protocolType === null) return ofCommit;
    const emptySinceMs = this.#currentStateTimestampMs;
    if (this.isEmpty) return emptySinceMs === null ? ofCommit : () => emptySinceMs;
    const isAware = this.usesConsumerProtocol && this.#subscribedTopics !== null;
    return isAware && this.#state === 'Stable' ? ofCommit : null;
  }

  #computeSubscribedTopics(): Set<string> | null {
    const { protocolName } = this;
    if (!this.usesConsumerProtocol) return null;
    if (this.members.size === 0) return new Set();
    if (protocolName === null) return null;
    return subscribedTopicsOf([...this.members.values()].map((member) => member.metadata(protocolName)));
  }
}
