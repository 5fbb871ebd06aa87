/**
 * The JVM's Kafka on this machine: brought by tools/kafka-jvm, started here without its scripts, so that no shell is in a figure.
 *
 * Flags are those of Kafka's own start script, class data archives are not used, as that script uses none.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from '../process/server-process.ts';
import { runCommand } from './program.ts';
import { javaSources, kafkaJvmScript } from './repository.ts';

/** Compiler and collector flags of kafka-run-class.sh. */
const SERVER_FLAGS = [
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Djava.awt.headless=true',
];
const DRIVER_HEAP = ['-Xms1g', '-Xmx1g'];

export class JvmInstallation {
  readonly #home: string;
  readonly #classpath: string;

  private constructor(home: string, classpath: string) {
    this.#home = home;
    this.#classpath = classpath;
  }

  /** Finds the installation, and makes it when it is missing. */
  static async open(): Promise<JvmInstallation> {
    const classpath = await runCommand({ program: kafkaJvmScript, args: ['classpath'] });
    const home = await runCommand({ program: kafkaJvmScript, args: ['home'] });
    return new JvmInstallation(home.trim(), classpath.trim());
  }

  /** A server class with a fixed heap, such as '1g'. */
  server(mainClass: string, heap: string, args: readonly string[]): Command {
    const logging = `-Dlog4j2.configurationFile=file:${join(this.#home, 'conf/server-log4j2.properties')}`;
    const flags = [...SERVER_FLAGS, `-Xms${heap}`, `-Xmx${heap}`, logging, '-cp', this.#classpath];
    return { program: javaProgram('java'), args: [...flags, mainClass, ...args] };
  }

  /** A tool class. */
  tool(mainClass: string, args: readonly string[]): Command {
    return { program: javaProgram('java'), args: [...this.#toolFlags(), '-cp', this.#classpath, mainClass, ...args] };
  }

  /** The load driver, compiled when its source has changed. */
  async driver(): Promise<Command> {
    const classes = await this.#compileDriver();
    const classpath = `${this.#classpath}:${classes}`;
    return { program: javaProgram('java'), args: [...DRIVER_HEAP, ...this.#toolLogging(), '-cp', classpath, 'Driver'] };
  }

  #toolFlags(): string[] {
    return ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...this.#toolLogging()];
  }

  #toolLogging(): string[] {
    return [`-Dlog4j2.configurationFile=file:${join(this.#home, 'conf/tool-log4j2.properties')}`];
  }

  async #compileDriver(): Promise<string> {
    const sources = readdirSync(javaSources)
      .filter((name) => name.endsWith('.java'))
      .sort()
      .map((name) => join(javaSources, name));
    const hash = createHash('sha256').update(this.#classpath);
    for (const source of sources) hash.update(readFileSync(source));
    const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
    const folder = join(cache, 'skarab', `bench-driver-${hash.digest('hex').slice(0, 16)}`);
    if (existsSync(folder)) return folder;
    await mkdir(dirname(folder), { recursive: true });
    const fresh = await mkdtemp(`${folder}.`);
    await runCommand({
      program: javaProgram('javac'),
      args: ['-nowarn', '-cp', this.#classpath, '-d', fresh, ...sources],
    });
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return folder;
  }
}

function javaProgram(name: string): string {
  const home = process.env['JAVA_HOME'];
  return home === undefined ? name : join(home, 'bin', name);
}
