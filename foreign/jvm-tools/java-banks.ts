/**
 * Some banks in which all is done by Java clients in processes of their own: one writes orders, processors carry them out within transactions and are
 * killed, one reads what is committed. What they tell is for a BankAudit of each bank.
 */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { KafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { BankAudit } from './bank-audit.ts';
import { parseBankEvent } from './bank-events.ts';
import { BankSlot, type StartProcessor } from './bank-slot.ts';
import { JavaProcess } from './java-process.ts';

export const PARTITIONS = 4;
const ACCOUNTS = 12;
/** Of each bank; the transactional ids are BANK-0, BANK-1. */
export const SLOTS = 2;
const START_TIMEOUT_MS = 60_000;

export interface Bank {
  readonly name: string;
  readonly audit: BankAudit;
  readonly slots: readonly BankSlot[];
}

export interface BanksOptions {
  readonly jvm: KafkaJvm;
  readonly bootstrapServers: string;
  readonly seed: number;
  /** Configurations of the consumers of each bank. */
  readonly banks: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export class JavaBanks {
  readonly banks: readonly Bank[];
  readonly #t: TestContext;
  readonly #options: BanksOptions;
  #orders: JavaProcess | undefined;
  #auditor: JavaProcess | undefined;

  constructor(t: TestContext, options: BanksOptions) {
    this.#t = t;
    this.#options = options;
    this.banks = Object.entries(options.banks).map(([name, settings]) => {
      const words = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
      const startIn = (slot: number): StartProcessor => {
        return (life, listener) => this.#start('BankProcessor', [name, String(slot), String(life), ...words], listener);
      };
      const slots = Array.from({ length: SLOTS }, (_, slot) => new BankSlot(startIn(slot)));
      return { name, audit: new BankAudit(), slots };
    });
  }

  /** Has orders written, carried out and audited. */
  async open(): Promise<void> {
    const names = this.banks.map(({ name }) => name);
    const words = [this.#options.seed, PARTITIONS, ACCOUNTS].map(String);
    this.#orders = await this.#startReady('BankOrders', [...words, ...names]);
    this.#auditor = await this.#startReady('BankAuditor', [String(PARTITIONS), ...names]);
    for (const { slots } of this.banks) for (const slot of slots) await slot.start();
  }

  /** Ends the orders, and waits until all of them are carried out and that is seen. Errors: rejects when that takes too long. */
  async settle(withinMs: number): Promise<void> {
    await finish(this.#orders!);
    for (const { name, audit, slots } of this.banks) {
      await this.#auditor!.until(async () => audit.isDone, `all of ${name} is done`, withinMs).catch((cause) => {
        const told = [...audit.violations, ...slots.map(({ output }) => output)].join('\n');
        throw new Error(`${name}, ${audit.orders} orders:\n${told}`, { cause });
      });
    }
  }

  /** All end in order. Errors: rejects when one does not. */
  async close(): Promise<void> {
    for (const { slots } of this.banks) for (const slot of slots) await slot.finish();
    this.#auditor!.say('');
    await finish(this.#auditor!);
  }

  async #startReady(program: string, args: readonly string[]): Promise<JavaProcess> {
    let isReady = false;
    const process = await this.#start(program, args, (what) => {
      if (what === 'ready') isReady = true;
    });
    await process.until(async () => isReady, `${program} is ready`, START_TIMEOUT_MS);
    return process;
  }

  /** The listener hears the first word of each line. */
  async #start(program: string, args: readonly string[], listener: (what: string) => void): Promise<JavaProcess> {
    const { jvm, bootstrapServers } = this.#options;
    const classes = await jvm.compile(join(import.meta.dirname, 'java', `${program}.java`));
    const process = new JavaProcess(this.#t, jvm, 'kafka-run-class', [program, bootstrapServers, ...args], classes);
    process.onLine((line) => {
      const found = parseBankEvent(line);
      if (found !== undefined) this.banks.find(({ name }) => name === found[0])!.audit.take(found[1]);
      listener(line.split(' ', 1)[0]!);
    });
    return process;
  }
}

async function finish(process: JavaProcess): Promise<void> {
  const code = await process.finish();
  if (code !== 0) throw new Error(`a process ended with ${code}\n${process.output}`);
}
