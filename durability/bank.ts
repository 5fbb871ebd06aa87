/**
 * A bank whose clerks move money by transactions: whatever happens to the broker, readers of committed data see whole transfers only, and
 * the sum over all accounts never changes.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  type OffsetFetchResponse,
} from '@skarab/protocol';
import type { RawClient } from '../tools/raw-client/raw-client.ts';
import { ACCOUNT_COUNT, ACCOUNTS_TOPIC, Clerk } from './clerk.ts';
import { readCommitted, waitUntilStable } from './committed-reader.ts';
import type { LoadControl } from './load.ts';
import { createTopics } from './topics.ts';

export class Bank {
  readonly clerks: readonly Clerk[];

  constructor(seed: number, clerkCount = 4) {
    this.clerks = Array.from({ length: clerkCount }, (_, i) => new Clerk(`clerk-${i}`, i % 2 === 0, seed + i));
  }

  /** Makes the accounts. */
  async open(client: RawClient): Promise<void> {
    await createTopics(client, [
      { name: ACCOUNTS_TOPIC, partitions: ACCOUNT_COUNT, configs: { 'segment.bytes': '1048576' } },
    ]);
  }

  /** All clerks work until stopped or the broker is gone. */
  async run(port: number, control: LoadControl): Promise<void> {
    await Promise.all(this.clerks.map((clerk) => clerk.run(port, control)));
  }

  /** After a restart: every clerk starts anew, which ends what was open. */
  async beginAll(client: RawClient): Promise<void> {
    await Promise.all(this.clerks.map((clerk) => clerk.begin(client)));
  }

  /** Holds the accounts against what the clerks know; no transaction may be open. Returns how many transfers are booked. */
  async audit(client: RawClient): Promise<number> {
    const transfers = new Map<string, number[]>();
    let sum = 0;
    for (let account = 0; account < ACCOUNT_COUNT; account++) {
      await waitUntilStable(client, ACCOUNTS_TOPIC, account);
      for (const value of await readCommitted(client, ACCOUNTS_TOPIC, account)) {
        const [name, number, amount] = value.split(' ');
        const key = `${name} ${number}`;
        transfers.set(key, [...(transfers.get(key) ?? []), Number(amount)]);
        sum += Number(amount);
      }
    }
    assert.equal(sum, 0, 'money was made or lost');
    for (const [key, amounts] of transfers) {
      assert.equal(amounts.length, 2, `transfer ${key} is booked in ${amounts.length} records`);
      assert.equal(amounts[0]! + amounts[1]!, 0, `transfer ${key} does not balance`);
    }
    for (const clerk of this.clerks) await this.#auditClerk(client, clerk, transfers);
    return transfers.size;
  }

  async #auditClerk(client: RawClient, clerk: Clerk, transfers: ReadonlyMap<string, unknown>): Promise<void> {
    let last = -1;
    for (const [number, outcome] of clerk.outcomes.entries()) {
      const isBooked = transfers.has(`${clerk.name} ${number}`);
      if (isBooked) last = number;
      if (outcome === 'committed or not') clerk.outcomes[number] = isBooked ? 'committed' : 'aborted';
      else assert.equal(isBooked, outcome === 'committed', `transfer ${number} of ${clerk.name} was ${outcome}`);
    }
    assert.equal(await committedOffset(client, clerk.group), last, `committed offset of ${clerk.name}`);
  }
}

/** The stable committed offset of a group, -1 without one. */
async function committedOffset(client: RawClient, groupId: string): Promise<number> {
  const topics = [newOffsetFetchRequestTopics({ name: ACCOUNTS_TOPIC, partitionIndexes: [0] })];
  const groups = [newOffsetFetchRequestGroup({ groupId, memberId: null, memberEpoch: -1, topics })];
  const request = newOffsetFetchRequest({ groups, requireStable: true });
  for (const deadline = Date.now() + 20_000; ; await sleep(20)) {
    const response = await client.call<OffsetFetchResponse>(ApiKey.OFFSET_FETCH, 9, request);
    const partition = response.groups[0]?.topics[0]?.partitions[0];
    if (response.groups[0]?.errorCode === 0 && partition?.errorCode === 0) return Number(partition.committedOffset);
    if (Date.now() > deadline)
      throw new Error(`offset of ${groupId}: ${JSON.stringify(response.groups[0]?.errorCode)} ${partition?.errorCode}`);
  }
}
