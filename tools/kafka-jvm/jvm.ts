/**
 * The JVM's Kafka 4.3.1 for tests and tools: its scripts, its class path, Java programs compiled against it, and its broker on free ports.
 *
 * Brought to the machine by the script `kafka-jvm` beside this file. It is the oracle behind `*.jvm.test.ts`: absent, such a test is
 * skipped with the reason, except under CI, where absence is a failure. Only tests and development tools import this.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BrokerProcess, type StartBrokerOptions, startBrokerProcess } from './broker.ts';
import { type RunOptions, runProgram, type ToolResult } from './program.ts';
import { ToolServer } from './tool-server.ts';

export { type BrokerProcess, type Distribution, type StartBrokerOptions, startBrokerProcess } from './broker.ts';
export type { RunOptions, ToolResult } from './program.ts';
export { freePort, freePorts, runProgram, writeProperties } from './program.ts';
export type { ToolServer } from './tool-server.ts';

/** The part of node:test's context that skipping needs. */
export interface SkippableTest {
  skip(message?: string): void;
}

const script = join(dirname(fileURLToPath(import.meta.url)), 'kafka-jvm');
const run = promisify(execFile);

/** An installed JVM Kafka. */
export class KafkaJvm {
  readonly home: string;
  readonly libs: string;
  readonly classpath: string;
  readonly java: string;
  readonly javac: string;

  constructor(home: string, classpath: string) {
    this.home = home;
    this.libs = join(home, 'libs');
    this.classpath = classpath;
    const javaHome = process.env['JAVA_HOME'];
    this.java = javaHome === undefined ? 'java' : join(javaHome, 'bin', 'java');
    this.javac = javaHome === undefined ? 'javac' : join(javaHome, 'bin', 'javac');
  }

  /** Path of a script: `bin('topics')`, `bin('kafka-topics')` and `bin('kafka-topics.sh')` are the same. */
  bin(name: string): string {
    const plain = name.replace(/\.sh$/, '');
    for (const candidate of [plain, `kafka-${plain}`]) {
      const path = join(this.home, 'bin', `${candidate}.sh`);
      if (existsSync(path)) return path;
    }
    throw new Error(`JVM Kafka has no tool named ${name}`);
  }

  /** Runs a script of Kafka's to its end. Errors: rejects when the time is up or the script cannot start; an exit code is a result. */
  run(tool: string, args: readonly string[], options: RunOptions = {}): Promise<ToolResult> {
    return runProgram(this.bin(tool), args, options);
  }

  /** Runs a class with Kafka's class path, with `classes` (see compile) behind it. */
  runClass(
    name: string,
    args: readonly string[],
    options: RunOptions & { classes?: string } = {},
  ): Promise<ToolResult> {
    const env = options.classes === undefined ? options.env : { ...options.env, CLASSPATH: options.classes };
    return runProgram(this.bin('kafka-run-class'), [name, ...args], env === undefined ? options : { ...options, env });
  }

  /** Compiles one Java file against Kafka; the folder of classes is kept by the file's content. */
  async compile(javaFile: string): Promise<string> {
    const source = await readFile(javaFile);
    const hash = createHash('sha256').update(source).digest('hex').slice(0, 16);
    const compiled = join(this.home, 'compiled');
    const folder = join(compiled, `${basename(javaFile, '.java')}-${hash}`);
    if (existsSync(folder)) return folder;
    await mkdir(compiled, { recursive: true });
    const fresh = await mkdtemp(`${folder}.`);
    try {
      const { code, stderr } = await runProgram(
        this.javac,
        ['-nowarn', '-cp', this.classpath, '-d', fresh, javaFile],
        {},
      );
      if (code !== 0) throw new Error(`javac ${javaFile} failed:\n${stderr}`);
      await rename(fresh, folder).catch((error: NodeJS.ErrnoException) => {
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
    return folder;
  }

  /** Formats a folder (unless told otherwise) and starts a combined broker and controller on free ports. */
  startBroker(options: StartBrokerOptions = {}): Promise<BrokerProcess> {
    return startBrokerProcess(this, options);
  }

  /** One JVM that runs many tools, one after the other; close it at the end. */
  toolServer(): ToolServer {
    return new ToolServer(this);
  }
}

let installation: Promise<KafkaJvm | string> | undefined;

/** JVM Kafka, or undefined after skipping the test with the reason. Errors: rejects with the reason when CI is 'true'. */
export async function requireKafkaJvm(t?: SkippableTest): Promise<KafkaJvm | undefined> {
  installation ??= install();
  const found = await installation;
  if (typeof found !== 'string') return found;
  if (process.env['CI'] === 'true') throw new Error(found);
  t?.skip(found);
  return undefined;
}

/** JVM Kafka, or in words why there is none. */
async function install(): Promise<KafkaJvm | string> {
  try {
    const { stdout } = await run(script, ['classpath'], { timeout: 600_000 });
    const home = (await run(script, ['home'])).stdout.trim();
    return new KafkaJvm(home, stdout.trim());
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return `no JVM Kafka: ${stderr?.trim() || message}`;
  }
}
