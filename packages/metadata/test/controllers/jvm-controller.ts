/** The JVM's controller, over its own listener. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiKey, type CreateTopicsResponse } from '@skarab/protocol';
import { type BrokerProcess, freePort, type KafkaJvm } from '../../../../tools/kafka-jvm/jvm.ts';
import { RawClient } from '../../../../tools/raw-client/raw-client.ts';
import { CLUSTER_ID } from '../test-node.ts';
import type { ReferenceController } from './compared-controllers.ts';
import { describeLog, Ids, type TopicIds } from './ids.ts';
import { LOG_FILE, propertiesAt } from './our-controller.ts';

const isRegistration = (line: string): boolean => line.includes('RegisterControllerRecord');

/** A controller of the JVM's with a folder of its own. */
export class JvmController implements ReferenceController {
  readonly port: number;
  readonly #jvm: KafkaJvm;
  readonly #folder: string;
  readonly #ids = new Ids();
  #process!: BrokerProcess;
  #client!: RawClient;
  #registrations = 0;

  private constructor(jvm: KafkaJvm, folder: string, port: number) {
    this.#jvm = jvm;
    this.#folder = folder;
    this.port = port;
  }

  static async start(jvm: KafkaJvm, releaseVersion: string, registersControllers: boolean): Promise<JvmController> {
    const folder = await mkdtemp(join(tmpdir(), 'skarab-twins-'));
    const theirs = new JvmController(jvm, folder, await freePort());
    await theirs.#start(['-t', CLUSTER_ID, '--standalone', '--release-version', releaseVersion], registersControllers);
    return theirs;
  }

  async restart(): Promise<void> {
    this.#client.close();
    await this.#process.stop();
    await this.#start(false, this.#registrations > 0);
  }

  async answer(apiKey: number, version: number, makeRequest: (idOf: TopicIds) => object): Promise<string> {
    const response = await this.#client.call(apiKey, version, makeRequest(this.#ids.of));
    if (apiKey === ApiKey.CREATE_TOPICS && version >= 7) this.#ids.learn(response as CreateTopicsResponse);
    return this.#ids.describe(response);
  }

  async log(): Promise<string[]> {
    await this.#process.stop();
    return this.#describeLog(this.#ids);
  }

  async stop(): Promise<void> {
    this.#client.close();
    await this.#process.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(formatting: readonly string[] | false, registersControllers: boolean): Promise<void> {
    const dataDir = join(this.#folder, 'data');
    this.#process = await this.#jvm.startBroker({ dataDir, properties: propertiesAt(this.port), format: formatting });
    this.#client = await RawClient.connect(this.port);
    if (registersControllers) this.#registrations++;
    while (!(await this.#isReady())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** A while after its start it leads, and later still it has registered itself, from metadata version 3.7 on. */
  async #isReady(): Promise<boolean> {
    const listing = { timeoutMs: 1000, topics: null };
    const response = await this.#client.call<{ errorCode: number }>(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0, listing);
    if (response.errorCode !== 0) return false;
    const registrations = (await this.#describeLog(new Ids())).filter(isRegistration).length;
    return registrations >= this.#registrations;
  }

  async #describeLog(ids: Ids): Promise<string[]> {
    return describeLog(new Uint8Array(await readFile(join(this.#folder, 'data', LOG_FILE))), ids);
  }
}
