/**
 * Strangers' software against the broker: how its tests get a broker, a scratch folder, and the software.
 *
 * The broker under test is ours, started by the drop-in scripts in bin/ as a user would. With SKARAB_FOREIGN_BROKER=jvm it is the JVM's:
 * that is how a test is written and checked before trusting what it says about ours. Brokers are child processes on free ports and
 * temporary folders, stopped when the test ends.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, type TestOptions, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type BrokerProcess,
  type Distribution,
  requireKafkaJvm,
  type SkippableTest,
  startBrokerProcess,
} from '../tools/kafka-jvm/jvm.ts';

export { type RunOptions, runProgram, type ToolResult, writeProperties } from '../tools/kafka-jvm/jvm.ts';
export type { BrokerProcess };

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Our own distribution: the drop-in scripts. */
export const skarab: Distribution = { bin: (name) => join(root, 'bin', `${name}.sh`) };

/** What a client's test gets; undefined means skipped. */
export async function startBrokerUnderTest(
  t: TestContext,
  properties: Readonly<Record<string, string>> = {},
): Promise<BrokerProcess | undefined> {
  const distribution = process.env['SKARAB_FOREIGN_BROKER'] === 'jvm' ? await requireKafkaJvm(t) : skarab;
  if (distribution === undefined) return undefined;
  return startBroker(t, distribution, properties);
}

/** Starts a broker of the test's; undefined means skipped. */
export type StartBroker = (properties?: Readonly<Record<string, string>>) => Promise<BrokerProcess | undefined>;

/** The same test on our broker and on the JVM's, so that one run shows what is different. */
export function testOnBoth(
  name: string,
  options: TestOptions,
  body: (t: TestContext, start: StartBroker) => Promise<void>,
): void {
  const isJvmOnly = process.env['SKARAB_FOREIGN_BROKER'] === 'jvm';
  if (!isJvmOnly) test(name, options, (t) => body(t, (properties) => startBroker(t, skarab, properties)));
  test(`${name}, on the JVM’s broker`, options, async (t) => {
    const jvm = await requireKafkaJvm(t);
    if (jvm !== undefined) await body(t, (properties) => startBroker(t, jvm, properties));
  });
}

/** A broker that stops when the test ends. */
export async function startBroker(
  t: TestContext,
  distribution: Distribution,
  properties: Readonly<Record<string, string>> = {},
): Promise<BrokerProcess> {
  const broker = await startBrokerProcess(distribution, { properties });
  t.after(() => broker.stop());
  return broker;
}

/** A folder that is removed when the test ends. */
export async function scratchFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'foreign-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Where foreign/install put what it could bring, and what that is. */
export interface ForeignSoftware {
  readonly kcat: string;
  readonly python: string;
  /** Our small Go programs by name. */
  go(program: string): string;
}

let installation: Promise<{ cache: string; missing: readonly string[] }> | undefined;

/** Strangers' software, or undefined after skipping the test with the reason. Errors: rejects instead when CI is 'true'. */
export async function requireForeign(
  t: SkippableTest,
  what: 'kcat' | 'python' | 'go',
): Promise<ForeignSoftware | undefined> {
  installation ??= install();
  const { cache, missing } = await installation;
  if (!missing.includes(what)) {
    return {
      kcat: 'kcat',
      python: join(cache, 'python', 'bin', 'python'),
      go: (program) => join(cache, 'go', program),
    };
  }
  if (process.env['CI'] === 'true') throw new Error(`foreign/install could not bring ${what}`);
  t.skip(`foreign/install could not bring ${what}`);
  return undefined;
}

async function install(): Promise<{ cache: string; missing: readonly string[] }> {
  const { stdout, stderr } = await promisify(execFile)(join(root, 'foreign', 'install'), { timeout: 600_000 });
  const missing = /could not bring: (.*)/.exec(stderr)?.[1]?.split(' ') ?? [];
  return { cache: stdout.trim(), missing };
}
