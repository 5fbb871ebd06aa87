/**
 * Clusters of real nodes under Kafka's tools: what a test needs besides the cluster itself.
 *
 * All tool calls of a test share one JVM. With SKARAB_FOREIGN_BROKER=jvm "our" nodes are the JVM's, which shows whether the test holds.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterPlan, ProcessCluster } from '../../tools/cluster/process-cluster.ts';
import { type Distribution, type KafkaJvm, requireKafkaJvm, type ToolServer } from '../../tools/kafka-jvm/jvm.ts';
import { skarab, type ToolResult } from '../harness.ts';

/** Kafka's tools, and whose nodes are tested. */
export interface Tools {
  readonly jvm: KafkaJvm;
  readonly ours: Distribution;
  readonly server: ToolServer;
}

/** What tests of clusters work with; undefined after skipping the test. */
export async function requireTools(t: TestContext): Promise<Tools | undefined> {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return undefined;
  const server = jvm.toolServer();
  t.after(() => server.close());
  return { jvm, server, ours: process.env['SKARAB_FOREIGN_BROKER'] === 'jvm' ? jvm : skarab };
}

/** A cluster that ends with the test. */
export async function startCluster(t: TestContext, plan: ClusterPlan): Promise<ProcessCluster> {
  const cluster = await ProcessCluster.start(plan);
  t.after(() => cluster.end());
  return cluster;
}

/** Calls a tool and returns what it printed. Errors: throws with the output when it fails. */
export async function mustRun({ server }: Tools, name: string, command: string, input?: string): Promise<string> {
  const result = await server.tool(name, command.split(' '), input === undefined ? {} : { input });
  assert.equal(result.code, 0, `${name} ${command}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** Calls a tool that may fail. */
export function tryRun({ server }: Tools, name: string, command: string): Promise<ToolResult> {
  return server.tool(name, command.split(' '));
}

/** Asks again and again until the answer is as wanted. Errors: rejects with the last answer after `withinMs`. */
export async function until<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  what: string,
  withinMs = 30_000,
): Promise<T> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > deadlineMs) throw new Error(`waited in vain until ${what}:\n${String(answer)}`);
    await sleep(200);
  }
}

/** Ids of the voters, as kafka-metadata-quorum tells them. */
export async function votersOf(tools: Tools, server: string): Promise<number[]> {
  const status = await mustRun(tools, 'metadata-quorum', `${server} describe --status`);
  const voters = /CurrentVoters:\s+(.*)/.exec(status)?.[1] ?? '';
  return [...voters.matchAll(/"id": (\d+)/g)].map(([, id]) => Number(id)).sort();
}

/** The active controller, as kafka-metadata-quorum tells it. */
export async function leaderOf(tools: Tools, server: string): Promise<number> {
  const status = await mustRun(tools, 'metadata-quorum', `${server} describe --status`);
  return Number(/LeaderId:\s+(\d+)/.exec(status)?.[1] ?? -1);
}
