/**
 * A Kafka broker as a child process, started by a distribution's own scripts: one combined broker and controller node on free ports and a folder of its own.
 *
 * The ready signal is Kafka's own log line. Two free ports are picked by binding and closing them, so a start that loses the race for
 * one is tried again. The exit of the parent process kills the broker.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, runProgram, writeProperties } from './program.ts';

export interface StartBrokerOptions {
  /** Added to, and winning over, the properties of a small single node. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Log directory to use and keep; default is a temporary one, removed at stop. */
  readonly dataDir?: string;
  /** Whether to format the folder first; default true. Arguments of kafka-storage format may be given instead. */
  readonly format?: boolean | readonly string[];
}

/** Where a distribution's scripts are: the JVM's, or any other that has kafka-storage and kafka-server-start. */
export interface Distribution {
  /** Path of a script: `bin('kafka-storage')`. */
  bin(name: string): string;
}

export interface BrokerProcess {
  readonly bootstrapServers: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly pid: number;
  readonly dataDir: string;
  /** The server.properties it runs with. */
  readonly propertiesFile: string;
  readonly logFile: string;
  /** Controlled shutdown (SIGTERM), then removal of what was temporary. */
  stop(): Promise<void>;
  /** SIGKILL: what kill -9 leaves stays in dataDir unless that was temporary. */
  kill(): Promise<void>;
}

const STARTED = '] Kafka Server started';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/** Starts a broker and resolves when it serves. Errors: rejects with the end of its log when it does not start. */
export async function startBrokerProcess(
  distribution: Distribution,
  options: StartBrokerOptions,
): Promise<BrokerProcess> {
  const workDir = await mkdtemp(join(tmpdir(), 'kafka-jvm-'));
  const dataDir = options.dataDir ?? join(workDir, 'data');
  try {
    let formatted = options.format === false;
    for (let attempt = 1; ; attempt++) {
      const [port, controllerPort] = (await freePorts(2)) as [number, number];
      const properties = { ...singleNode(port, controllerPort, dataDir), ...options.properties };
      const propertiesFile = await writeProperties(join(workDir, 'server.properties'), properties);
      if (!formatted) await format(distribution, propertiesFile, options.format);
      formatted = true;
      const logFile = join(workDir, `server-${attempt}.log`);
      const child = await startProcess(distribution, propertiesFile, logFile);
      if (child !== undefined)
        return handle(child, { port, controllerPort, dataDir, propertiesFile, logFile, workDir });
      const log = await readFile(logFile, 'utf8');
      if (attempt === 3 || !log.includes('Address already in use'))
        throw new Error(`the broker did not start:\n${log.slice(-4000)}`);
    }
  } catch (error) {
    await rm(workDir, { recursive: true, force: true });
    throw error;
  }
}

/** server.properties of a small combined node. */
function singleNode(port: number, controllerPort: number, dataDir: string): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': dataDir,
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '4',
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '4194304',
  };
}

async function format(
  distribution: Distribution,
  propertiesFile: string,
  wanted: StartBrokerOptions['format'],
): Promise<void> {
  const args = Array.isArray(wanted) ? (wanted as readonly string[]) : ['-t', '5L6g3nShT-eMCtK--X86sw', '--standalone'];
  const { code, stdout, stderr } = await runProgram(
    distribution.bin('kafka-storage'),
    ['format', '-c', propertiesFile, ...args],
    {},
  );
  if (code !== 0) throw new Error(`kafka-storage format failed:\n${stdout}${stderr}`);
}

/** The running child once it says that it serves, or undefined when it ended first. */
function startProcess(
  distribution: Distribution,
  propertiesFile: string,
  logFile: string,
): Promise<ChildProcess | undefined> {
  const child = spawn(distribution.bin('kafka-server-start'), [propertiesFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      KAFKA_HEAP_OPTS: '-Xmx384M -Xms128M',
      KAFKA_JVM_PERFORMANCE_OPTS: '-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
      ...process.env,
    },
  });
  const log = createWriteStream(logFile);
  return new Promise((resolve, reject) => {
    let seen = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the broker did not start in ${START_TIMEOUT_MS} ms:\n${seen.slice(-4000)}`));
    }, START_TIMEOUT_MS);
    const settle = (result: ChildProcess | undefined): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      log.write(chunk);
      if (child.exitCode !== null || seen.includes(STARTED)) return;
      seen += chunk.toString();
      if (seen.includes(STARTED)) settle(child);
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.on('error', reject);
    child.on('close', () => log.end(() => settle(undefined)));
  });
}

interface BrokerFacts {
  readonly port: number;
  readonly controllerPort: number;
  readonly dataDir: string;
  readonly propertiesFile: string;
  readonly logFile: string;
  readonly workDir: string;
}

function handle(child: ChildProcess, facts: BrokerFacts): BrokerProcess {
  const { workDir, ...shown } = facts;
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('close', () => resolve());
  });
  const killNow = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killNow);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    const timer = setTimeout(killNow, STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
    process.off('exit', killNow);
    await rm(workDir, { recursive: true, force: true });
  };
  return {
    ...shown,
    bootstrapServers: `127.0.0.1:${facts.port}`,
    pid: child.pid ?? -1,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
