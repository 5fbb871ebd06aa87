/**
 * A node of a simulation: its disk stays, its processes come and go.
 */
import { type Random, silentLogger, type Uuid } from '@skarab/base';
import { ApiKey, ErrorCode } from '@skarab/protocol';
import { BOOTSTRAP_SNAPSHOT_ID, SNAPSHOT_SUFFIX, snapshotName } from '../../core/offset-and-epoch.ts';
import type { QuorumConfig } from '../../core/quorum-config.ts';
import { errorResponse, type RaftRequest, type RaftResponse } from '../../core/raft-messages.ts';
import { SnapshotBatches } from '../../core/snapshot-batches.ts';
import { VoterSet } from '../../core/voter-set.ts';
import { RaftNode } from '../../host/raft-node.ts';
import { ProcessClock, type SimulatedTime } from './simulated-clock.ts';
import { SimulatedLog, SimulatedStorage } from './simulated-disk.ts';
import { addressOfNode, apiVersions, type Reachable, type SimulatedNetwork } from './simulated-network.ts';
import { type CommittedBook, SimulatedStateMachine } from './simulated-state-machine.ts';
import { Violation } from './violation.ts';

const DIRECTORY = '/data';
const LISTENER = 'CONTROLLER';
/** Times are short, so that much happens in little time. */
const QUORUM: Partial<QuorumConfig> = {
  electionTimeoutMs: 150,
  electionBackoffMaxMs: 100,
  fetchTimeoutMs: 300,
  requestTimeoutMs: 250,
  retryBackoffMs: 20,
  fetchMaxBytes: 4096,
  fetchSnapshotMaxBytes: 256,
};

/** What a node is made of. */
export interface SimulatedNodeOptions {
  readonly id: number;
  readonly bootstrapIds: readonly number[];
  /** Those who vote first; the node learns of them by its format if it is one of them. */
  readonly voterIds: readonly number[];
  readonly isStatic: boolean;
  readonly canBecomeVoter: boolean;
  readonly autoJoin: boolean;
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly book: CommittedBook;
  readonly onViolation: (violation: Error) => void;
}

/** A process of a node. */
interface Process extends Reachable {
  isAlive: boolean;
  isStopping: boolean;
  readonly clock: ProcessClock;
  readonly raft: RaftNode;
  readonly state: SimulatedStateMachine;
}

/** A node. */
export class SimulatedNode {
  readonly id: number;
  readonly options: SimulatedNodeOptions;
  #storage: SimulatedStorage;
  /** How many disks the node has had. */
  #diskCount = 1;
  #log: SimulatedLog;
  #process: Process | null = null;
  /** The epoch of the process; what was not durable of it is gone with the process. */
  #epoch = 0;

  constructor(options: SimulatedNodeOptions) {
    const { id, time, random } = options;
    this.id = id;
    this.options = options;
    const clock = new ProcessClock(time);
    this.#storage = new SimulatedStorage(clock, random);
    this.#log = new SimulatedLog(clock, random);
    this.#storage.makeDirectory(DIRECTORY);
    if (!options.isStatic && options.voterIds.includes(id)) this.#format(options.voterIds);
  }

  get directoryId(): Uuid {
    return directoryOf(this.id, this.#diskCount);
  }

  get isAlive(): boolean {
    return this.#process !== null;
  }

  get raft(): RaftNode | null {
    return this.#process?.raft ?? null;
  }

  get state(): SimulatedStateMachine | null {
    return this.#process?.state ?? null;
  }

  /** The log of the process, or what it left. */
  get log(): SimulatedLog {
    return this.#log;
  }

  /** Starts a process over what the disk has. */
  start(): void {
    const { time, random, network, book, bootstrapIds, isStatic, voterIds, canBecomeVoter, autoJoin } = this.options;
    const clock = new ProcessClock(time);
    this.#storage.attachTo(clock);
    this.#log = this.#log.crash(new SimulatedLog(clock, random));
    this.#epoch = 0;
    const state = new SimulatedStateMachine(this.id, book);
    const process = { isAlive: true, isStopping: false };
    const raft = new RaftNode(
      {
        nodeId: this.id,
        clusterId: 'cluster',
        directoryId: this.directoryId,
        endpoints: [endpointOf(this.id)],
        staticVoters: isStatic ? VoterSet.static(LISTENER, voterIds.map(staticVoter)) : new VoterSet(),
        bootstrapServers: bootstrapIds.map(addressOfNode),
        canBecomeVoter,
        quorum: { ...QUORUM, autoJoin: autoJoin || this.#diskCount > 1 },
        shutdownTimeoutMs: 1000,
        transport: network.transportOf(this.id, process),
        log: this.#log,
        storage: this.#storage,
        directory: DIRECTORY,
        retention: { maxBytes: 2000, maxMs: -1 },
        fileDeleteDelayMs: 0,
        clock,
        random,
        logger: silentLogger,
        onFault: (error) => this.options.onViolation(error),
      },
      state,
    );
    const receive = (request: RaftRequest): Promise<RaftResponse> => receiveBy(raft, request);
    this.#process = Object.assign(process, { clock, raft, state, receive });
    network.plugIn(this.id, this.#process);
    raft.start().catch((error: Error) => {
      if (process.isAlive && !process.isStopping) this.options.onViolation(error);
    });
  }

  /** The power goes. */
  kill(): void {
    if (this.#process === null) return;
    this.#process.isAlive = false;
    this.#process.clock.die();
    this.#process = null;
    this.#log = this.#log.crash(new SimulatedLog(new ProcessClock(this.options.time), this.options.random));
  }

  /** The disk goes for good; there is an empty one in its place, and the node wishes to vote with it. */
  replaceDisk(): void {
    this.kill();
    const { time, random } = this.options;
    const clock = new ProcessClock(time);
    this.#diskCount++;
    this.#storage = new SimulatedStorage(clock, random);
    this.#storage.makeDirectory(DIRECTORY);
    this.#log = new SimulatedLog(clock, random);
  }

  /** Stops the process in order. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === null) return;
    process.isStopping = true;
    await process.raft.close();
    if (this.#process === process) this.kill();
  }

  /** Appends a batch if this node leads; returns whether it did. */
  append(values: readonly Uint8Array[]): boolean {
    if (this.#process === null) return false;
    const { raft, state } = this.#process;
    const { leaderId, epoch } = state.leader;
    if (leaderId !== this.id || raft.role !== 'leader' || raft.epoch !== epoch) return false;
    try {
      raft.append(epoch, values, ({ lastOffset }) => state.append({ lastOffset, epoch, values }));
      return true;
    } catch {
      return false;
    }
  }

  /** Writes a snapshot of the committed state and deletes what that makes superfluous. */
  snapshot(): void {
    if (this.#process === null) return;
    const { raft, state } = this.#process;
    const { endOffset, state: committed } = state.stable;
    if (endOffset === 0 || endOffset > (raft.highWatermark ?? 0)) return;
    const builder = raft.createSnapshot({ offset: endOffset, epoch: committed.epoch }, 0);
    if (builder === null) return;
    builder.append(state.snapshotValues());
    builder.freeze().then(() => raft.cleanUp());
  }

  /** Checks what concerns this node alone. */
  check(): void {
    if (this.#process === null) return;
    const { raft } = this.#process;
    if (raft.epoch < this.#epoch)
      throw new Violation(`node ${this.id} went back from epoch ${this.#epoch} to ${raft.epoch}`);
    this.#epoch = raft.epoch;
    const highWatermark = raft.highWatermark ?? 0;
    if (highWatermark > raft.logEndOffset) throw new Violation(`node ${this.id} has committed what it does not have`);
  }

  #format(voterIds: readonly number[]): void {
    const batches = new SnapshotBatches(0);
    const header = {
      lastContainedLogTimestampMs: 0,
      kraftVersion: 1,
      voters: new VoterSet(voterIds.map(dynamicVoter)),
    };
    const path = `${DIRECTORY}/${snapshotName(BOOTSTRAP_SNAPSHOT_ID)}${SNAPSHOT_SUFFIX}`;
    this.#storage.replaceFile(path, Buffer.concat([batches.header(header, 0), batches.footer(0)]));
  }
}

function directoryOf(id: number, diskCount = 1): Uuid {
  return `DIRECTORY00000000${String(diskCount).padStart(2, '0')}${String(id).padStart(2, '0')}A`;
}

/** The controller listener of a node. */
export function endpointOf(id: number) {
  return { name: LISTENER, host: 'localhost', port: addressOfNode(id).port };
}

function dynamicVoter(id: number) {
  const kraftVersions = { min: 0, max: 1 };
  return { key: { id, directoryId: directoryOf(id) }, endpoints: [endpointOf(id)], kraftVersions };
}

function staticVoter(id: number) {
  return { id, host: 'localhost', port: addressOfNode(id).port };
}

async function receiveBy(raft: RaftNode, request: RaftRequest): Promise<RaftResponse> {
  const { apiKey, message } = request;
  if (apiKey === ApiKey.API_VERSIONS) return apiVersions();
  const context = { listener: LISTENER, apiVersion: 18 };
  const response = await raft.handle(apiKey, message, context);
  return (
    response === undefined ? errorResponse(apiKey, ErrorCode.UNKNOWN_SERVER_ERROR) : { apiKey, message: response }
  ) as RaftResponse;
}
