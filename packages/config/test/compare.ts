/**
 * Puts the same cases to the JVM and to us and reports where the outcomes differ.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ConfigError } from '@skarab/base';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { askOracle, type OracleCase, type OracleOutcome } from './oracle.ts';

/** Asserts that `ours` gives the JVM's outcome for each case; `reduce` takes from both what is to be compared. */
export async function compareWithJvm<C extends OracleCase>(
  t: TestContext,
  cases: readonly C[],
  ours: (one: C) => unknown,
  reduce: (outcome: OracleOutcome) => unknown = textOnly,
): Promise<void> {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const theirs = (await askOracle(jvm, cases)).map(reduce);
  const pairs = cases.map((one, index) => ({ case: one, ours: outcomeOf(() => ours(one)), theirs: theirs[index] }));
  assert.deepEqual(
    pairs.filter((pair) => JSON.stringify(pair.ours) !== JSON.stringify(pair.theirs)),
    [],
  );
  t.diagnostic(`${cases.length} cases`);
}

/** Outcomes without error codes. */
export function textOnly(outcome: OracleOutcome): unknown {
  return 'ok' in outcome ? outcome : { error: outcome.error };
}

function outcomeOf(run: () => unknown): unknown {
  try {
    const value = run();
    return typeof value === 'object' && value !== null && 'error' in value ? value : { ok: value };
  } catch (error) {
    if (error instanceof ConfigError) return { error: error.message };
    throw error;
  }
}

/** A record as a map. */
export function mapOf<T>(record: Readonly<Record<string, T>> = {}): Map<string, T> {
  return new Map(Object.entries(record));
}
