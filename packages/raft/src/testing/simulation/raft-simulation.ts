/**
 * A quorum under random trouble, from one seed: the same seed is the same run.
 *
 * For a while messages are delayed, lost, doubled and reordered, links cut, nodes killed and stopped and started again, voters added and
 * removed, snapshots taken and logs cut. Then all is mended, and the quorum has to come to rest within a bound. Throughout, the invariants
 * hold; a `Violation` says which does not. Modelled on org.apache.kafka.raft.RaftEventSimulationTest.
 */
import { type Random, seededRandom } from '@skarab/base';
import { ApiKey, newAddRaftVoterRequest, newRemoveRaftVoterRequest } from '@skarab/protocol';
import type { ReplicaKey } from '../../core/replica-key.ts';
import type { VoterSet } from '../../core/voter-set.ts';
import { SimulatedTime } from './simulated-clock.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { endpointOf, SimulatedNode } from './simulated-node.ts';
import { CommittedBook } from './simulated-state-machine.ts';
import { Violation } from './violation.ts';

const CONTEXT = { listener: 'CONTROLLER', apiVersion: 18 };
/** How long a mended quorum may take until all agree. */
const SETTLING_MS = 20_000;

/** How a simulation is to be. */
export interface SimulationOptions {
  readonly seed: number;
  /** How long the trouble lasts, in simulated time. */
  readonly troubleMs?: number;
  /** Called with each line of the trace. */
  readonly onTrace?: (line: string) => void;
}

/** What a simulation came to. */
export interface SimulationResult {
  /** A number that stands for the whole trace. */
  readonly traceHash: number;
  readonly eventCount: number;
  readonly epochs: number;
  readonly committedOffset: number;
  readonly snapshotsLoaded: number;
  readonly voterChanges: number;
  readonly disksReplaced: number;
}

/** Runs one simulation. Errors: rejects with `Violation`. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const simulation = new RaftSimulation(options);
  return simulation.run();
}

class RaftSimulation {
  readonly #options: SimulationOptions;
  readonly #random: Random;
  readonly #time = new SimulatedTime();
  readonly #network: SimulatedNetwork;
  readonly #book = new CommittedBook();
  readonly #nodes: SimulatedNode[];
  readonly #leaders = new Map<number, number>();
  readonly #highWatermarks = new Map<SimulatedNode, { raft: object | null; offset: number }>();
  /** The voters as each node knew them after the event before. */
  readonly #votersBefore = new Map<SimulatedNode, VoterSet>();
  #violation: Error | null = null;
  #traceHash = 0;
  #eventCount = 0;
  #appendCount = 0;
  #voterChanges = 0;
  #diskCount = 0;
  #isTroubled = true;
  readonly #isStatic: boolean;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const random = seededRandom(options.seed);
    this.#random = random;
    this.#network = new SimulatedNetwork(this.#time, random);
    this.#network.onDelivery = (text) => this.#trace(text);
    this.#isStatic = random.int(4) === 0;
    const voterCount = 1 + random.int(5);
    const observerCount = random.int(3);
    const voterIds = Array.from({ length: voterCount }, (_, index) => index + 1);
    const ids = Array.from({ length: voterCount + observerCount }, (_, index) => index + 1);
    this.#nodes = ids.map(
      (id) =>
        new SimulatedNode({
          id,
          bootstrapIds: ids,
          voterIds,
          isStatic: this.#isStatic,
          canBecomeVoter: id <= voterCount || random.int(3) > 0,
          autoJoin: random.int(4) === 0,
          time: this.#time,
          random,
          network: this.#network,
          book: this.#book,
          onViolation: (violation) => {
            this.#violation ??= violation;
          },
        }),
    );
  }

  async run(): Promise<SimulationResult> {
    const { troubleMs = 2500 } = this.#options;
    for (const node of this.#nodes) this.#time.at(this.#random.int(100), () => node.start());
    this.#begin();
    await this.#runUntil(troubleMs);
    this.#mend();
    await this.#settle();
    return {
      traceHash: this.#traceHash,
      eventCount: this.#eventCount,
      epochs: this.#leaders.size,
      committedOffset: this.#book.endOffset,
      snapshotsLoaded: this.#nodes.reduce((sum, { state }) => sum + (state?.snapshotCount ?? 0), 0),
      voterChanges: this.#voterChanges,
      disksReplaced: this.#diskCount,
    };
  }

  /** The trouble: each kind with the mean of its intervals. */
  #begin(): void {
    const network = this.#network;
    const random = this.#random;
    network.lossPerMille = random.int(40);
    network.duplicationPerMille = random.int(40);
    network.slowPerMille = random.int(60);
    this.#every(25, () => this.#append());
    this.#every(300, () => this.#pick().snapshot());
    this.#every(400 + random.int(1000), () => this.#killAndRestart());
    this.#every(400 + random.int(1000), () => this.#cutLinks());
    this.#every(2000, () => this.#resign());
    this.#every(3000, () => this.#stopAndRestart());
    if (this.#isStatic) this.#every(1500, () => this.#upgrade());
    this.#every(600, () => this.#changeVoters());
    if (!this.#isStatic) this.#every(2000, () => this.#replaceDisk());
  }

  #mend(): void {
    const network = this.#network;
    this.#isTroubled = false;
    network.heal();
    network.lossPerMille = 0;
    network.duplicationPerMille = 0;
    network.slowPerMille = 0;
    for (const node of this.#nodes) if (!node.isAlive) node.start();
    this.#trace('mended');
    this.#keepAppending();
  }

  #keepAppending(): void {
    this.#append();
    this.#time.after(25, () => this.#keepAppending());
  }

  /** Waits until something new is committed and everybody has it. */
  async #settle(): Promise<void> {
    const before = this.#book.endOffset;
    const deadlineMs = this.#time.nowMs + SETTLING_MS;
    const isSettled = (): boolean => {
      const reached = this.#nodes.map(({ state }) => state?.stable.endOffset ?? 0);
      return Math.min(...reached) > before && this.#leaderOf() !== null;
    };
    while (!isSettled()) {
      if (this.#time.nowMs >= deadlineMs) {
        const states = this.#nodes.map(
          ({ id, raft, state }) =>
            `${id}: ${raft?.role} epoch ${raft?.epoch} committed ${raft?.highWatermark} end ${raft?.logEndOffset} state ${state?.stable.endOffset}`,
        );
        throw new Violation(`the quorum does not come to rest (committed ${before} before): ${states.join('; ')}`);
      }
      await this.#runUntil(Math.min(this.#time.nowMs + 50, deadlineMs));
    }
  }

  #leaderOf(): SimulatedNode | null {
    return this.#nodes.find(({ id, state, raft }) => raft?.role === 'leader' && state?.leader.leaderId === id) ?? null;
  }

  async #runUntil(untilMs: number): Promise<void> {
    while (this.#time.step(untilMs)) {
      await microtasks();
      this.#eventCount++;
      if (this.#violation !== null) throw this.#violation;
      this.#check();
    }
  }

  #check(): void {
    for (const node of this.#nodes) {
      node.check();
      const { raft, id } = node;
      if (raft === null) continue;
      if (raft.role === 'leader') {
        const known = this.#leaders.get(raft.epoch);
        if (known !== undefined && known !== id)
          throw new Violation(`nodes ${known} and ${id} lead epoch ${raft.epoch}`);
        if (known === undefined) this.#trace(`node ${id} leads epoch ${raft.epoch}`);
        this.#leaders.set(raft.epoch, id);
      }
      this.#checkHighWatermark(node);
      this.#votersBefore.set(node, raft.voters);
    }
  }

  #checkHighWatermark(node: SimulatedNode): void {
    const { raft, id } = node;
    if (raft === null || raft.highWatermark === null) return;
    const before = this.#highWatermarks.get(node);
    const offset = raft.highWatermark;
    if (before?.raft === raft && before.offset === offset) return;
    if (before?.raft === raft && before.offset > offset) {
      throw new Violation(`the high watermark of node ${id} went back from ${before.offset} to ${offset}`);
    }
    this.#highWatermarks.set(node, { raft, offset });
    this.#trace(`node ${id} ${raft.role} committed ${offset}`);
    if (raft.role === 'leader') this.#checkMajority(node, offset);
  }

  /** What a leader takes for committed is on the disks of a majority of its voters, be it those before this event. */
  #checkMajority(leader: SimulatedNode, offset: number): void {
    const { voters, epoch } = leader.raft!;
    const lastEpoch = leader.log.epochs.at(-1);
    if (lastEpoch?.epoch === epoch && offset <= lastEpoch.startOffset) {
      throw new Violation(`node ${leader.id} takes ${offset} for committed, but epoch ${epoch} begins there or later`);
    }
    const before = this.#votersBefore.get(leader) ?? voters;
    if (this.#isOnMajority(voters, offset) || this.#isOnMajority(before, offset)) return;
    throw new Violation(`node ${leader.id} takes ${offset} for committed, but no majority of [${voters.ids}] has it`);
  }

  #isOnMajority(voters: VoterSet, offset: number): boolean {
    let count = 0;
    for (const { key } of voters) {
      const { isAlive, log, directoryId } = this.#nodes.find(({ id }) => id === key.id)!;
      const hasOtherDisk = key.directoryId !== null && key.directoryId !== directoryId;
      if (!hasOtherDisk && (isAlive ? log.durableEndOffset : log.endOffset) >= offset) count++;
    }
    return count * 2 > voters.size;
  }

  #append(): void {
    for (const node of this.#nodes) {
      const value = Buffer.from(`value ${this.#appendCount}`);
      if (!node.append([value])) continue;
      this.#appendCount++;
      this.#trace(`node ${node.id} appends ${this.#appendCount}`);
    }
  }

  #killAndRestart(): void {
    const node = this.#pick();
    if (!node.isAlive) return;
    this.#trace(`kill ${node.id}`);
    node.kill();
    this.#time.after(this.#random.int(600), () => {
      if (!node.isAlive) node.start();
    });
  }

  #stopAndRestart(): void {
    const node = this.#pick();
    if (!node.isAlive) return;
    this.#trace(`stop ${node.id}`);
    node.stop().then(() => {
      this.#time.after(this.#random.int(300), () => {
        if (!node.isAlive) node.start();
      });
    });
  }

  /** Takes the disk of one node while all voters have theirs, so that a majority stays, however long it takes until it votes again. */
  #replaceDisk(): void {
    const leader = this.#leaderOf();
    const node = this.#pick();
    if (leader === null || leader === node || !node.options.canBecomeVoter) return;
    const { voters, highWatermark, logEndOffset } = leader.raft!;
    if (voters.size < 3 || !this.#haveDisks(voters) || highWatermark !== logEndOffset) return;
    this.#trace(`replace the disk of ${node.id}`);
    node.replaceDisk();
    this.#diskCount++;
    this.#time.after(this.#random.int(300), () => {
      if (!node.isAlive) node.start();
    });
  }

  #haveDisks(voters: VoterSet): boolean {
    const hasDisk = ({ id, directoryId }: ReplicaKey): boolean =>
      this.#nodes.some((node) => node.id === id && (directoryId === null || node.directoryId === directoryId));
    return [...voters].every(({ key }) => hasDisk(key));
  }

  #cutLinks(): void {
    const network = this.#network;
    const isOneWay = this.#random.int(3) === 0;
    const victim = this.#pick().id;
    const isAlone = this.#random.int(2) === 0;
    for (const { id } of this.#nodes) {
      if (id === victim || (!isAlone && this.#random.int(2) === 0)) continue;
      network.cut(victim, id);
      if (!isOneWay) network.cut(id, victim);
    }
    this.#trace(`cut ${victim}`);
    this.#time.after(this.#random.int(900), () => network.heal());
  }

  #resign(): void {
    const leader = this.#leaderOf();
    if (leader === null) return;
    this.#trace(`resign ${leader.id}`);
    leader.raft!.resign(leader.raft!.epoch);
  }

  /** Makes a static quorum a dynamic one. */
  #upgrade(): void {
    const reason = this.#leaderOf()?.raft?.upgradeKraftVersion(1, false);
    this.#trace(`upgrade: ${reason}`);
  }

  #changeVoters(): void {
    const leader = this.#leaderOf();
    const { id, options, directoryId } = this.#pick();
    if (leader === null) return;
    const raft = leader.raft!;
    // Whoever removes a voter while another one is lost for good may be left without a majority.
    if (!this.#haveDisks(raft.voters)) return;
    this.#trace(`change voter ${id} at ${leader.id}`);
    if (raft.voters.get(id) !== undefined) {
      if (raft.voters.size <= 1) return;
      const request = newRemoveRaftVoterRequest({ clusterId: null, voterId: id, voterDirectoryId: directoryId });
      raft.handle(ApiKey.REMOVE_RAFT_VOTER, request, CONTEXT).then(({ errorCode }) => this.#onVoterChange(errorCode));
    } else if (options.canBecomeVoter) {
      const request = newAddRaftVoterRequest({
        clusterId: null,
        voterId: id,
        voterDirectoryId: directoryId,
        listeners: [endpointOf(id)],
        ackWhenCommitted: this.#random.int(2) === 0,
      });
      raft.handle(ApiKey.ADD_RAFT_VOTER, request, CONTEXT).then(({ errorCode }) => this.#onVoterChange(errorCode));
    }
  }

  #onVoterChange(errorCode: number): void {
    this.#trace(`voter change: ${errorCode}`);
    if (errorCode === 0) this.#voterChanges++;
  }

  #pick(): SimulatedNode {
    return this.#nodes[this.#random.int(this.#nodes.length)]!;
  }

  /** Does something again and again while there is trouble. */
  #every(meanMs: number, action: () => void): void {
    this.#time.after(this.#random.next() * 2 * meanMs, () => {
      if (!this.#isTroubled) return;
      action();
      this.#every(meanMs, action);
    });
  }

  #trace(line: string): void {
    const text = `${this.#time.nowMs.toFixed(3)} ${line}`;
    let hash = this.#traceHash;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
    this.#traceHash = hash;
    this.#options.onTrace?.(text);
  }
}

/** Lets everything happen that promises wait for. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
