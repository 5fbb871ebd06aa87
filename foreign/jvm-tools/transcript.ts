/**
 * The same script of tool calls on the JVM's broker and on ours, and the two transcripts compared as whole values.
 *
 * A transcript is one entry per call: the command line, the exit code, what was printed, with everything that differs between any two
 * brokers (ports, ids, times, folders) replaced by a word, and lists sorted whose order Kafka leaves to a
 * hash map. All calls go through one JVM. With SKARAB_FOREIGN_BROKER=jvm both brokers are the JVM's, which shows whether a script is deterministic.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Distribution, type KafkaJvm, requireKafkaJvm, type ToolServer } from '../../tools/kafka-jvm/jvm.ts';
import { type BrokerProcess, skarab, startBroker, type ToolResult } from '../harness.ts';
import { requireApis } from '../served-apis.ts';

export interface CallOptions {
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  /** Replacements beyond the usual ones, on both streams. */
  readonly mask?: readonly (readonly [RegExp, string])[];
  /** Lines whose order is not promised. */
  readonly sorted?: boolean;
  /** Called at the end instead of recording the entry, for output that is checked in another way. */
  readonly unrecorded?: boolean;
}

export interface Entry {
  readonly call: string;
  readonly code: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** SKARAB_FOREIGN_SHOW=1 prints the transcripts, and how long each call took. */
const showing = process.env['SKARAB_FOREIGN_SHOW'] === '1';

/** What a script works with on one broker. */
export class Session {
  readonly broker: BrokerProcess;
  readonly jvm: KafkaJvm;
  readonly entries: Entry[];
  readonly #tools: ToolServer;

  constructor(broker: BrokerProcess, jvm: KafkaJvm, tools: ToolServer, entries: Entry[] = []) {
    this.broker = broker;
    this.entries = entries;
    this.jvm = jvm;
    this.#tools = tools;
  }

  get bootstrapServers(): string {
    return this.broker.bootstrapServers;
  }

  /** Calls a tool with `--bootstrap-server` added; words are split at spaces unless given as a list. */
  async tool(name: string, args: string | readonly string[], options: CallOptions = {}): Promise<ToolResult> {
    const words = typeof args === 'string' ? args.split(' ').filter((word) => word !== '') : args;
    const startedMs = performance.now();
    const result = await this.#tools.tool(name, withServer(name, words, this.bootstrapServers), options);
    if (showing) console.error(`${Math.round(performance.now() - startedMs)} ms: ${name} ${words.join(' ')}`);
    if (options.unrecorded !== true) this.record(`${name} ${words.join(' ')}`, result, options);
    return result;
  }

  /** Adds an entry for a call made in another way. */
  record(call: string, result: ToolResult, options: CallOptions = {}): void {
    const lines = (text: string): string[] => {
      const masked = this.#mask(text, options.mask ?? []).split('\n');
      if (masked.at(-1) === '') masked.pop();
      return options.sorted === true ? masked.sort() : masked;
    };
    const entry = { code: result.code, stdout: lines(result.stdout), stderr: lines(withoutLog(result.stderr)) };
    this.entries.push({ call: this.#mask(call, options.mask ?? []), ...entry });
  }

  #mask(text: string, extra: CallOptions['mask'] & {}): string {
    const { port, controllerPort, dataDir } = this.broker;
    const usual: readonly (readonly [RegExp, string])[] = [
      ...extra,
      [new RegExp(RegExp.escape(dataDir), 'g'), 'DATA_DIR'],
      [new RegExp(`\\b${port}\\b`, 'g'), 'PORT'],
      [new RegExp(`\\b${controllerPort}\\b`, 'g'), 'CONTROLLER_PORT'],
      [/\b(TopicId: |directory\.?[iI]d[=:] ?"?|Topic ID: )[\w-]{22}/g, '$1ID'],
      [/\tat [\w.$/<>]+\(.*\)$/gm, '\tat …'],
      [/^(\tat …\n?)+/gm, '\tat …\n'],
      [/^\t\.\.\. \d+ more$/gm, '\t… more'],
    ];
    const masked = usual.reduce((rest, [pattern, word]) => rest.replace(pattern, word), text);
    return masked.replace(/(?<=\tConfigs: ).*/g, (list) => list.split(',').sort().join(','));
  }
}

/** Most tools take the server anywhere; kafka-cluster wants its command first. */
function withServer(name: string, words: readonly string[], server: string): string[] {
  const option = ['--bootstrap-server', server];
  return name === 'cluster' ? [...words, ...option] : [...option, ...words];
}

/** Tools log warnings to stderr when and as they like; only what they print themselves is compared. */
function withoutLog(text: string): string {
  return text
    .split('\n')
    .filter(
      (line) => !/^\[\d{4}-\d\d-\d\d /.test(line) && !line.startsWith('The consumer rebalance protocol (KIP-848)'),
    )
    .join('\n');
}

export interface CompareOptions {
  /** APIs without which the test is skipped. */
  readonly needs?: readonly string[];
  /** Of all brokers. */
  readonly properties?: Readonly<Record<string, string>>;
  /** How many brokers, each a cluster of its own, the script works with; default 1. */
  readonly brokers?: number;
}

/** Calls to the brokers of one kind; all sessions write one transcript. */
export type Script = (session: Session, ...others: Session[]) => Promise<void>;

/** Runs the script on both kinds of broker and asserts that the transcripts are the same. */
export async function compareWithJvm(
  t: TestContext,
  script: Script,
  { needs = [], properties = {}, brokers = 1 }: CompareOptions = {},
): Promise<void> {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const start = (distribution: Distribution): Promise<BrokerProcess[]> =>
    Promise.all(Array.from({ length: brokers }, () => startBroker(t, distribution, properties)));
  const ours = await start(process.env['SKARAB_FOREIGN_BROKER'] === 'jvm' ? jvm : skarab);
  if (!(await requireApis(t, ours[0]!, needs))) return;
  const tools = jvm.toolServer();
  t.after(() => tools.close());
  const sessions = (of: readonly BrokerProcess[], entries: Entry[] = []): Session[] =>
    of.map((broker) => new Session(broker, jvm, tools, entries));
  const expected = await transcriptOf(script, sessions(await start(jvm)));
  const actual = await transcriptOf(script, sessions(ours));
  assert.deepEqual(actual, expected);
}

async function transcriptOf(script: Script, sessions: readonly Session[]): Promise<readonly Entry[]> {
  const [session, ...others] = sessions as [Session, ...Session[]];
  try {
    await script(session, ...others);
  } catch (error) {
    throw new Error(`the script broke off after:\n${showTranscript(session.entries)}`, { cause: error });
  }
  if (showing) console.log(showTranscript(session.entries));
  return session.entries;
}

/** A transcript for people. */
export function showTranscript(entries: readonly Entry[]): string {
  const show = ({ call, code, stdout, stderr }: Entry): string =>
    [`$ ${call}`, ...stdout, ...stderr.map((line) => `! ${line}`), ...(code === 0 ? [] : [`exit ${code}`]), ''].join(
      '\n',
    );
  return entries.map(show).join('\n');
}
