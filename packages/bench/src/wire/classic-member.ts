/**
 * A member of a classic group, over a connection of its own: a join that waits for the others holds the connection.
 */
import {
  ErrorCode,
  errorName,
  newHeartbeatRequest,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newSyncGroupRequest,
  newSyncGroupRequestAssignment,
} from '@skarab/protocol';
import { pause } from '../process/time.ts';
import { heartbeat, joinGroup, syncGroup } from './api.ts';
import type { WireClient } from './wire-client.ts';

const SESSION_TIMEOUT_MS = 45_000;
const REBALANCE_TIMEOUT_MS = 120_000;
const PROTOCOL = 'range';
/** As large as a subscription or an assignment of one topic. */
const CONTENT = Buffer.alloc(40);

export class ClassicMember {
  readonly #client: WireClient;
  readonly #groupId: string;
  #memberId = '';
  generation = -1;

  constructor(client: WireClient, groupId: string) {
    this.#client = client;
    this.#groupId = groupId;
  }

  /** Joins and gets its part, again when another rebalance comes between. Errors: rejects with the error's name. */
  async settle(): Promise<void> {
    for (;;) {
      const members = await this.#join();
      const assignments = members.map((memberId) => newSyncGroupRequestAssignment({ memberId, assignment: CONTENT }));
      const { errorCode } = await this.#client.call(
        syncGroup,
        newSyncGroupRequest({
          groupId: this.#groupId,
          generationId: this.generation,
          memberId: this.#memberId,
          protocolType: 'consumer',
          protocolName: PROTOCOL,
          assignments,
        }),
      );
      if (errorCode === ErrorCode.NONE) return;
      if (errorCode !== ErrorCode.REBALANCE_IN_PROGRESS) throw new Error(`sync: ${errorName(errorCode)}`);
    }
  }

  /** Whether the group is stable for all it knows. Errors: rejects with the error's name. */
  async isStable(): Promise<boolean> {
    const { errorCode } = await this.#client.call(
      heartbeat,
      newHeartbeatRequest({ groupId: this.#groupId, generationId: this.generation, memberId: this.#memberId }),
    );
    if (errorCode !== ErrorCode.NONE && errorCode !== ErrorCode.REBALANCE_IN_PROGRESS)
      throw new Error(`heartbeat: ${errorName(errorCode)}`);
    return errorCode === ErrorCode.NONE;
  }

  /** Waits until a rebalance begins, then settles. */
  async resettle(pollMs: number): Promise<void> {
    while (await this.isStable()) await pause(pollMs);
    await this.settle();
  }

  close(): void {
    this.#client.close();
  }

  /** Returns the ids of all members when this one has to assign. */
  async #join(): Promise<string[]> {
    for (;;) {
      const response = await this.#client.call(
        joinGroup,
        newJoinGroupRequest({
          groupId: this.#groupId,
          sessionTimeoutMs: SESSION_TIMEOUT_MS,
          rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
          memberId: this.#memberId,
          protocolType: 'consumer',
          protocols: [newJoinGroupRequestProtocol({ name: PROTOCOL, metadata: CONTENT })],
        }),
      );
      this.#memberId = response.memberId;
      if (response.errorCode === ErrorCode.MEMBER_ID_REQUIRED) continue;
      if (response.errorCode !== ErrorCode.NONE) throw new Error(`join: ${errorName(response.errorCode)}`);
      this.generation = response.generationId;
      return response.leader === this.#memberId ? response.members.map(({ memberId }) => memberId) : [];
    }
  }
}
