/**
 * The commands of the transcripts: a raft core without a host, whose effects are shown and carried out only where the core sees them.
 *
 * After each command the core gets the ticks that are due. Elections take exactly their timeout, for chance is always 0.
 */
import type { Random } from '@skarab/base';
import { buildBatch } from '@skarab/records';
import { ControlHistory } from '../src/core/control-history.ts';
import { describeQuorum } from '../src/core/describe-quorum.ts';
import type { ElectionState } from '../src/core/election-state.ts';
import { DEFAULT_QUORUM_CONFIG } from '../src/core/quorum-config.ts';
import { RaftCore } from '../src/core/raft-core.ts';
import type { RaftEffect } from '../src/core/raft-effect.ts';
import type { RaftInput } from '../src/core/raft-input.ts';
import type { NodeAddress, RaftRequest } from '../src/core/raft-messages.ts';
import { type VoterNode, VoterSet } from '../src/core/voter-set.ts';
import { Arguments, DIRECTORY, directoryOf } from './script-arguments.ts';
import { ScriptLog } from './script-log.ts';
import { LISTENER, parseAnswer, parseRequest } from './script-messages.ts';
import { showEffect } from './show-effect.ts';

const CONTEXT = { listener: LISTENER, apiVersion: 18 };
/** Chance that is none. */
const NO_CHANCE: Random = { next: () => 0, int: () => 0, bytes: (length) => new Uint8Array(length) };

/** One transcript's state. */
export class CoreScript {
  #history = new ControlHistory();
  #log = new ScriptLog();
  #core = this.#newCore(new Arguments([]));
  #nowMs = 1_000_000;
  #nextToken = 1;
  readonly #sent = new Map<number, { readonly destination: NodeAddress; readonly request: RaftRequest }>();

  /** Runs a line; returns its output. */
  run(line: string): readonly string[] {
    const [command = '', ...words] = line.split(' ');
    const args = new Arguments(words);
    this.#nowMs += args.number('after', 0);
    switch (command) {
      case 'quorum':
        return this.#quorum(args);
      case 'start':
        this.#log.start(args);
        return this.#step({ kind: 'start', election: args.has('epoch') ? electionOf(args) : null });
      case 'append':
        this.#log.append(args.number('count', 1), this.#core.epoch);
        return this.#step({ kind: 'appended' });
      case 'flushed':
        return this.#step({ kind: 'flushed', endOffset: args.number('end') });
      case 'resign':
        return this.#step({ kind: 'resign', epoch: args.number('epoch') });
      case 'shutdown':
        return this.#step({ kind: 'shutdown', deadlineMs: this.#nowMs + args.number('within') });
      case 'tick':
        return this.#step({ kind: 'tick' });
      case 'next':
        return [`in ${this.#core.nextDeadlineMs() - this.#nowMs} ms`];
      case 'role':
        return [this.#role()];
      case 'upgrade':
        return this.#upgrade(args.number('kraft'), args.text('dryRun') === 'true');
      case 'describe':
        return this.#describe();
      case 'answer':
        return this.#answer(Number(words[0]), args);
      default:
        return this.#request(command, args);
    }
  }

  /** A node before its start: what its snapshot (or the log, at an offset) and its configuration say of the quorum. */
  #quorum(args: Arguments): readonly string[] {
    const kraft = args.text('kraft', '1');
    const port = args.number('port', 9093);
    const offset = args.number('at');
    const voters = new VoterSet(
      args
        .text('voters', '1')
        .split(',')
        .map((id) => voter(Number(id), port)),
    );
    const staticVoters = [...voters].map(({ key }) => ({ id: key.id, host: 'localhost', port }));
    this.#history = new ControlHistory(kraft === '0' ? VoterSet.static(LISTENER, staticVoters) : new VoterSet());
    if (kraft === '1') {
      this.#history.replay(offset, { type: 'KraftVersion', version: 1 });
      this.#history.replay(offset, { type: 'Voters', voters });
    }
    this.#log = new ScriptLog();
    this.#sent.clear();
    this.#core = this.#newCore(args);
    return [];
  }

  #newCore(args: Arguments): RaftCore {
    const bootstrapServers = args
      .ids('bootstrap')
      .map((id) => ({ nodeId: -1 - id, host: 'localhost', port: 9000 + id }));
    const local = voter(1, 9093);
    const key = { id: 1, directoryId: args.text('directory', DIRECTORY) };
    const options = {
      local: { ...local, key },
      listener: LISTENER,
      clusterId: 'cluster',
      config: { ...DEFAULT_QUORUM_CONFIG, autoJoin: args.text('autoJoin') === 'true' },
      canBecomeVoter: args.text('observer') !== 'true',
      bootstrapServers,
      random: NO_CHANCE,
    };
    return new RaftCore(options, this.#history, this.#log);
  }

  #request(command: string, args: Arguments): readonly string[] {
    const request = parseRequest(command, args);
    if (request === null) throw new Error(`no such command: ${command}`);
    const context = { ...CONTEXT, apiVersion: args.number('version', CONTEXT.apiVersion) };
    return this.#step({ kind: 'request', token: this.#nextToken++, context, request });
  }

  #answer(requestId: number, args: Arguments): readonly string[] {
    const sent = this.#sent.get(requestId);
    if (sent === undefined) return [`no request ${requestId} was sent`];
    const records = args.has('records') ? batchOf(args) : new Uint8Array(0);
    const response = parseAnswer(sent.request.apiKey, args, records);
    return this.#step({ kind: 'response', requestId, source: sent.destination, response });
  }

  #step(input: RaftInput): readonly string[] {
    const lines = this.#show(this.#core.step(input, this.#nowMs));
    while (this.#core.nextDeadlineMs() <= this.#nowMs) {
      lines.push(...this.#show(this.#core.step({ kind: 'tick' }, this.#nowMs)));
    }
    return lines;
  }

  #upgrade(version: number, isDryRun: boolean): readonly string[] {
    const result = this.#core.upgradeKraftVersion(version, isDryRun);
    return 'reason' in result ? [`refused: ${result.reason}`] : this.#show(result);
  }

  #show(effects: readonly RaftEffect[]): string[] {
    const lines: string[] = [];
    for (const effect of effects) {
      lines.push(showEffect(effect));
      const input = this.#carryOut(effect);
      if (input !== null) lines.push(...this.#show(this.#core.step(input, this.#nowMs)));
    }
    return lines;
  }

  #carryOut(effect: RaftEffect): RaftInput | null {
    switch (effect.kind) {
      case 'send':
        this.#sent.set(effect.requestId, effect);
        return null;
      case 'beginEpoch':
        this.#log.beginEpoch(effect.epoch);
        return null;
      case 'appendControl':
        for (const message of effect.messages) {
          this.#history.replay(this.#log.endOffset, message);
          this.#log.append(1, effect.epoch);
        }
        return { kind: 'appended' };
      case 'appendFetched':
        this.#log.appendFetched(effect.records);
        return { kind: 'appended' };
      case 'truncate':
        this.#log.truncateTo(effect.offset);
        this.#history.truncateFrom(effect.offset);
        return null;
      case 'finishSnapshot':
        this.#log.startAt(effect.id);
        return { kind: 'snapshotLoaded', id: effect.id };
      default:
        return null;
    }
  }

  #role(): string {
    const { kind, epoch, leaderId, votedKey } = this.#core.role;
    const end = `${this.#log.endOffset}@${this.#log.lastEpoch}`;
    return `${kind} epoch=${epoch} leader=${leaderId} voted=${votedKey?.id ?? null} end=${end} committed=${this.#core.highWatermark}`;
  }

  #describe(): readonly string[] {
    const request = { topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] };
    const { role } = this.#core;
    const partition = describeQuorum(role, 1, request, this.#nowMs).topics[0]?.partitions[0];
    if (partition === undefined || partition.errorCode !== 0) return [`error ${partition?.errorCode}`];
    const show = (kind: string) => (state: (typeof partition.currentVoters)[number]) =>
      `  ${kind} ${state.replicaId} end=${state.logEndOffset} fetched=${state.lastFetchTimestamp} caughtUp=${state.lastCaughtUpTimestamp}`;
    return [
      `leader ${partition.leaderId} epoch ${partition.leaderEpoch} highWatermark ${partition.highWatermark}`,
      ...partition.currentVoters.map(show('voter')),
      ...partition.observers.map(show('observer')),
    ];
  }
}

function voter(id: number, port: number): VoterNode {
  return {
    key: { id, directoryId: directoryOf(id) },
    endpoints: [{ name: LISTENER, host: 'localhost', port }],
    kraftVersions: { min: 0, max: 1 },
  };
}

function electionOf(args: Arguments): ElectionState {
  const voted = args.number('voted');
  return {
    epoch: args.number('epoch'),
    leaderId: args.has('leader') ? args.number('leader') : null,
    votedKey: args.has('voted') ? { id: voted, directoryId: directoryOf(voted) } : null,
  };
}

/** `records=count@epoch from=offset`. */
function batchOf(args: Arguments): Uint8Array {
  const { offset: count, epoch } = args.place('records');
  const records = Array.from({ length: count }, () => ({ timestamp: 0, key: null, value: Buffer.from('x') }));
  return buildBatch({ baseOffset: args.number('from'), partitionLeaderEpoch: epoch, records });
}
