import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@skarab/base';
import type { Dialer } from '@skarab/network';
import { RollCall } from './roll-call.ts';

type Answer = 'taken' | 'refused' | 'silent';

/** Voter n listens at port n. */
function rollCall(nodeId: number, answers: readonly Answer[], known = answers.length): RollCall {
  const dialer: Dialer = {
    dial({ port }, events) {
      const answer = answers[port - 1];
      queueMicrotask(() => {
        if (answer === 'taken') events.onOpen();
        if (answer === 'refused') events.onClosed('connection refused');
      });
      return { write: () => {}, close: () => events.onClosed('closed by this side') };
    },
  };
  const addresses = answers.map((_, index) => ({ nodeId: index + 1, host: 'voter', port: index + 1 })).slice(0, known);
  return new RollCall({
    nodeId,
    voterCount: () => answers.length,
    addresses: () => addresses,
    dialer,
    clock: systemClock,
  });
}

for (const { nodeId, answers, known, isPossible, why } of [
  { nodeId: 1, answers: ['refused'], isPossible: true, why: 'the only voter asks' },
  { nodeId: 1, answers: ['refused', 'refused'], isPossible: false, why: 'one of two is no majority' },
  { nodeId: 1, answers: ['refused', 'refused', 'taken'], isPossible: true, why: 'two of three' },
  { nodeId: 1, answers: ['refused', 'refused', 'refused'], isPossible: false, why: 'one of three' },
  { nodeId: 9, answers: ['taken', 'refused', 'refused'], isPossible: false, why: 'who is no voter does not count' },
  { nodeId: 1, answers: ['taken', 'refused', 'silent'], isPossible: true, why: 'one that is silent may be there' },
  { nodeId: 9, answers: ['refused', 'refused', 'refused'], known: 1, isPossible: true, why: 'two are not known' },
  { nodeId: 9, answers: [], isPossible: true, why: 'the voters are not known' },
] as const) {
  test(`a quorum is ${isPossible ? 'possible' : 'not possible'}: ${why}`, { timeout: 5000 }, async () => {
    const keepAlive = setInterval(() => {}, 100);
    assert.equal(await rollCall(nodeId, answers, known).isQuorumPossible(), isPossible);
    clearInterval(keepAlive);
  });
}
