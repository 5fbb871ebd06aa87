/**
 * The processes that make load: started once, and warmed up against the null broker so that their compilers are done before anything counts.
 */
import { LineProcess, type Options } from '../process/line-process.ts';
import type { LoadProcesses } from '../scenarios/scenario.ts';
import { nullSystem } from '../systems/catalogue.ts';
import type { JvmInstallation } from '../systems/jvm-installation.ts';
import { rawLoadProgram } from '../systems/repository.ts';
import { Server } from '../systems/server.ts';
import { awaitLed, createTopic } from '../wire/topics.ts';

const TIMEOUT_MS = 120_000;
const PARTITIONS = 12;

export interface RunningLoads extends LoadProcesses {
  close(): Promise<void>;
}

/** Starts both. */
export async function startLoads(installation: JvmInstallation): Promise<RunningLoads> {
  const driver = await LineProcess.start('the Java driver', await installation.driver());
  const raw = await LineProcess.start('the raw load generator', { program: process.execPath, args: [rawLoadProgram] });
  return {
    driver,
    raw,
    close: async () => {
      await driver.close();
      await raw.close();
    },
  };
}

/** Makes each kind of load for `seconds` against a null broker of its own. */
export async function warmUp({ driver, raw }: LoadProcesses, workFolder: string, seconds: number): Promise<void> {
  const server = await Server.create(nullSystem, workFolder);
  try {
    await server.start();
    const topic = 'warm-up';
    await createTopic(server.client, topic, PARTITIONS);
    await awaitLed(server.client, topic, PARTITIONS);
    const options: Options = { bootstrap: server.bootstrap, topic, partitions: PARTITIONS, seconds };
    await driver.ask('produce', { ...options, size: 100 }, TIMEOUT_MS);
    await driver.ask('produce', { ...options, size: 1024, compression: 'lz4' }, TIMEOUT_MS);
    await driver.ask('produce', { ...options, size: 1024, clients: 4 }, TIMEOUT_MS);
    await driver.ask('consume', { ...options, records: Math.ceil(seconds * 300_000) }, TIMEOUT_MS);
    await driver.ask('closed-loop', { ...options, linger: 0 }, TIMEOUT_MS);
    await driver.ask('open-loop', { ...options, rate: 10_000, linger: 0, follow: false }, TIMEOUT_MS);
    await raw.ask('raw-produce', { ...options, size: 1024, connections: 4 }, TIMEOUT_MS);
    await raw.ask('raw-fetch', { ...options, size: 1024, connections: 4 }, TIMEOUT_MS);
  } finally {
    await server.discard();
  }
}
