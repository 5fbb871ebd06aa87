/**
 * The commands of the transcripts: a raft core without a host, whose effects are shown and carried out only where the core sees them.
 */
import { ControlHistory } from '../src/core/control-history.ts';
import type { ControlMessage } from '../src/core/control-message.ts';
import { describeQuorum } from '../src/core/describe-quorum.ts';
import type { ElectionState } from '../src/core/election-state.ts';
import { RaftCore, type RaftEffect, type RaftInput } from '../src/core/raft-core.ts';
import type { ReplicaKey } from '../src/core/replica-key.ts';
import { type VoterNode, VoterSet } from '../src/core/voter-set.ts';

const DIRECTORY = 'DIRECTORY0000000000001';

/** One transcript's state. */
export class CoreScript {
  #local: VoterNode = voter(1, 9093);
  #history = new ControlHistory();
  #core = new RaftCore(this.#local, this.#history);
  #endOffset = 0;
  #nowMs = 1_000_000;

  /** Runs a line; returns its output. */
  run(line: string): readonly string[] {
    const [command = '', ...words] = line.split(' ');
    const args = new Map(words.map((word) => word.split('=', 2) as [string, string]));
    const number = (name: string, otherwise = -1): number => Number(args.get(name) ?? otherwise);
    switch (command) {
      case 'quorum':
        return this.#quorum(args.get('kraft') ?? '1', args.get('voters') ?? '1', number('port', 9093), number('at'));
      case 'start': {
        this.#endOffset = number('end', 0);
        const election = args.has('epoch') ? electionOf(args) : null;
        const lastEpoch = number('lastEpoch', 0);
        return this.#step({ kind: 'start', election, logEndOffset: this.#endOffset, lastEpoch });
      }
      case 'append':
        this.#endOffset += number('count', 1);
        return this.#step({ kind: 'appended', endOffset: this.#endOffset });
      case 'flushed':
        return this.#step({ kind: 'flushed', endOffset: number('end') });
      case 'fetch': {
        this.#nowMs += number('after', 0);
        const replica: ReplicaKey = { id: number('id'), directoryId: `D-${number('id')}` };
        return this.#step({ kind: 'fetched', replica, fetchOffset: number('offset') });
      }
      case 'resign':
        return this.#step({ kind: 'resign', epoch: number('epoch') });
      case 'upgrade':
        return this.#upgrade(number('kraft'), args.get('dryRun') === 'true');
      case 'describe':
        this.#nowMs += number('after', 0);
        return this.#describe();
      default:
        throw new Error(`no such command: ${command}`);
    }
  }

  /** A node before its start: what its snapshot (or the log, at an offset) and its configuration say of the quorum. */
  #quorum(kraft: string, ids: string, port: number, offset: number): readonly string[] {
    const voters = new VoterSet(ids.split(',').map((id) => voter(Number(id), port)));
    const staticVoters = [...voters].map(({ key }) => ({ id: key.id, host: 'localhost', port }));
    this.#history = new ControlHistory(kraft === '0' ? VoterSet.static('CONTROLLER', staticVoters) : new VoterSet());
    if (kraft === '1') {
      this.#history.replay(offset, { type: 'KraftVersion', version: 1 });
      this.#history.replay(offset, { type: 'Voters', voters });
    }
    this.#core = new RaftCore(this.#local, this.#history);
    return [];
  }

  #step(input: RaftInput): readonly string[] {
    try {
      return this.#show(this.#core.step(input, this.#nowMs));
    } catch (error) {
      return [String(error)];
    }
  }

  #upgrade(version: number, isDryRun: boolean): readonly string[] {
    const result = this.#core.upgradeKraftVersion(version, isDryRun);
    return 'reason' in result ? [`refused: ${result.reason}`] : this.#show(result);
  }

  #show(effects: readonly RaftEffect[]): string[] {
    const lines: string[] = [];
    for (const effect of effects) {
      lines.push(showEffect(effect));
      if (effect.kind !== 'appendControl') continue;
      for (const message of effect.messages) this.#history.replay(this.#endOffset++, message);
      lines.push(...this.#show(this.#core.step({ kind: 'appended', endOffset: this.#endOffset }, this.#nowMs)));
    }
    return lines;
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
  const directoryId = id === 1 ? DIRECTORY : `D-${id}`;
  return {
    key: { id, directoryId },
    endpoints: [{ name: 'CONTROLLER', host: 'localhost', port }],
    kraftVersions: { min: 0, max: 1 },
  };
}

function electionOf(args: ReadonlyMap<string, string>): ElectionState {
  const leader = args.get('leader');
  const voted = args.get('voted');
  return {
    epoch: Number(args.get('epoch')),
    leaderId: leader === undefined ? null : Number(leader),
    votedKey: voted === undefined ? null : { id: Number(voted), directoryId: DIRECTORY },
  };
}

function showEffect(effect: RaftEffect): string {
  switch (effect.kind) {
    case 'storeElection': {
      const { epoch, leaderId, votedKey } = effect.election;
      return `storeElection epoch=${epoch} leader=${leaderId} voted=${votedKey?.id ?? null}`;
    }
    case 'appendControl':
      return `appendControl epoch=${effect.epoch} ${effect.messages.map(showMessage).join(', ')}`;
    case 'beginEpoch':
      return `beginEpoch ${effect.epoch} at ${effect.startOffset}`;
    case 'advanceHighWatermark':
      return `advanceHighWatermark ${effect.offset}`;
    case 'changeLeader':
      return `changeLeader leader=${effect.leaderId} epoch=${effect.epoch} after=${effect.epochStartOffset}`;
  }
}

function showMessage(message: ControlMessage): string {
  switch (message.type) {
    case 'LeaderChange':
      return `LeaderChange(${message.leaderId} of [${message.voterIds}], by [${message.grantingVoterIds}])`;
    case 'KraftVersion':
      return `KraftVersion(${message.version})`;
    case 'Voters':
      return `Voters(${[...message.voters].map(({ key, endpoints }) => `${key.id}/${key.directoryId}@${endpoints[0]?.port}`).join(' ')})`;
    default:
      return message.type;
  }
}
