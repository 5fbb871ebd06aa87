/**
 * Carries out what the core wants done.
 */
import { CorruptDataError } from '@skarab/base';
import { ApiError, ApiKey, ErrorCode } from '@skarab/protocol';
import { buildControlBatch } from '@skarab/records';
import type { ControlHistory } from '../core/control-history.ts';
import { type ControlMessage, encodeControlMessage } from '../core/control-message.ts';
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';
import { DEFAULT_QUORUM_CONFIG } from '../core/quorum-config.ts';
import type { RaftEffect, ResponseBytes } from '../core/raft-effect.ts';
import type { RaftInput } from '../core/raft-input.ts';
import { errorResponse, type NodeAddress, type RaftRequest, type RaftResponse } from '../core/raft-messages.ts';
import { ElectionFile } from './election-file.ts';
import { FetchedSnapshot } from './fetched-snapshot.ts';
import type { FlushBatcher } from './flush-batcher.ts';
import type { IncomingRequests } from './incoming-requests.ts';
import type { Progress } from './progress.ts';
import type { RaftNodeOptions } from './raft-node-options.ts';
import type { ReplicaLog } from './replica-log.ts';
import type { SnapshotFiles } from './snapshot-files.ts';

/** What effects are carried out on. */
export interface EffectTargets {
  readonly options: RaftNodeOptions;
  readonly history: ControlHistory;
  readonly snapshots: SnapshotFiles;
  readonly replica: ReplicaLog;
  readonly flusher: FlushBatcher;
  readonly progress: Progress;
  readonly requests: IncomingRequests;
  /** Takes back what carrying out has brought about, at once. */
  readonly stepNow: (input: RaftInput) => void;
  /** Takes in what happens later. */
  readonly submit: (input: RaftInput) => void;
  readonly onShutdown: () => void;
}

/** Carries out effects. */
export class EffectExecutor {
  readonly #targets: EffectTargets;
  readonly #options: RaftNodeOptions;
  readonly #fetchedSnapshot: FetchedSnapshot;
  readonly #election: ElectionFile;
  #isStopped = false;

  constructor(targets: EffectTargets) {
    this.#targets = targets;
    this.#options = targets.options;
    this.#fetchedSnapshot = new FetchedSnapshot(targets.snapshots);
    this.#election = new ElectionFile(targets.options.storage, targets.options.directory);
  }

  /** What is remembered of elections. */
  get election(): ElectionFile {
    return this.#election;
  }

  /** Carries out an effect; returns a promise for what waits for the device. Errors: `StorageError`, thrown or by the promise. */
  execute(effect: RaftEffect): Promise<void> | null {
    const { history } = this.#targets;
    switch (effect.kind) {
      case 'storeElection':
        this.#options.logger.debug({ election: effect.election }, 'storing election state');
        return this.#election.store(effect.election, history.kraftVersion, history.voters.ids);
      case 'finishSnapshot':
        return this.#finishSnapshot(effect.id);
      default:
        this.#executeNow(effect);
        return null;
    }
  }

  /** Gives up what is half done. */
  stop(): void {
    this.#isStopped = true;
    this.#fetchedSnapshot.abort();
  }

  #executeNow(effect: Exclude<RaftEffect, { kind: 'storeElection' | 'finishSnapshot' }>): void {
    const { replica, flusher, progress } = this.#targets;
    const { logger, log } = this.#options;
    switch (effect.kind) {
      case 'beginEpoch':
        log.beginEpoch(effect.epoch, effect.startOffset);
        break;
      case 'appendControl':
        this.#appendControl(effect.epoch, effect.messages);
        break;
      case 'appendFetched':
        this.#appendFetched(effect.records, effect.epoch);
        break;
      case 'truncate':
        logger.info({ offset: effect.offset }, 'truncating the metadata log');
        replica.truncateTo(effect.offset);
        flusher.cutAt(effect.offset);
        break;
      case 'beginSnapshot':
        logger.info({ snapshot: effect.id }, 'fetching a snapshot from the leader');
        this.#fetchedSnapshot.begin(effect.id);
        break;
      case 'appendSnapshot':
        this.#fetchedSnapshot.append(effect.position, effect.bytes);
        break;
      case 'abortSnapshot':
        this.#fetchedSnapshot.abort();
        break;
      case 'advanceHighWatermark':
        progress.advance(effect.offset);
        break;
      case 'changeLeader': {
        const { leaderId, epoch, epochStartOffset } = effect;
        logger.info({ leaderId, epoch }, 'the quorum has changed');
        progress.changeLeader({ leaderId, epoch }, epochStartOffset);
        break;
      }
      case 'send':
        this.#send(effect.requestId, effect.destination, effect.request);
        break;
      case 'respond':
        this.#respond(effect.token, effect.response, effect.bytes);
        break;
      case 'completeShutdown':
        this.#targets.onShutdown();
        break;
    }
  }

  #appendControl(epoch: number, messages: readonly ControlMessage[]): void {
    const { log, clock, appendLingerMs } = this.#options;
    const { replica, progress, flusher, stepNow } = this.#targets;
    const { delivery, leaderNews } = progress;
    const baseOffset = log.endOffset;
    const appendTimestampMs = clock.nowMs();
    const batch = { baseOffset, partitionLeaderEpoch: epoch, timestamp: appendTimestampMs };
    const bytes = buildControlBatch(batch, messages.map(encodeControlMessage));
    const located = messages.map((message, index) => ({ offset: baseOffset + index, message }));
    replica.appendControl(bytes, epoch, located);
    stepNow({ kind: 'appended' });
    flusher.schedule(appendLingerMs);
    const { leader } = leaderNews;
    const isAtWork = leader.leaderId === this.#options.nodeId && leader.epoch === epoch;
    if (!isAtWork || delivery.nextOffset !== baseOffset) return;
    // A leader that is at work sees its own control batches at once, so that its next batch follows without a gap.
    const lastOffset = baseOffset + messages.length - 1;
    delivery.deliverControl({
      baseOffset,
      lastOffset,
      epoch,
      appendTimestampMs,
      sizeInBytes: bytes.length,
      values: [],
    });
  }

  #appendFetched(records: Uint8Array, epoch: number): void {
    const { replica, flusher, stepNow } = this.#targets;
    try {
      if (!replica.appendFetched(records, epoch)) return;
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      this.#options.logger.warn({ error }, 'ignoring records of the leader');
      return;
    }
    stepNow({ kind: 'appended' });
    flusher.schedule();
  }

  async #finishSnapshot(id: OffsetAndEpoch): Promise<void> {
    const { replica, snapshots, flusher, stepNow } = this.#targets;
    await this.#fetchedSnapshot.finish();
    if (this.#isStopped) return;
    try {
      replica.replaceBySnapshot(id);
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      this.#options.logger.warn({ error }, 'ignoring a snapshot of the leader');
      snapshots.remove(id);
      return;
    }
    flusher.cutAt(id.offset);
    stepNow({ kind: 'snapshotLoaded', id });
  }

  #send(requestId: number, source: NodeAddress, request: RaftRequest): void {
    const { transport, clock, logger, quorum } = this.#options;
    const { requestTimeoutMs } = { ...DEFAULT_QUORUM_CONFIG, ...quorum };
    const respond = (response: RaftResponse): void =>
      this.#targets.submit({ kind: 'response', requestId, source, response });
    const unreachable = errorResponse(request.apiKey, ErrorCode.BROKER_NOT_AVAILABLE);
    if (transport === undefined) {
      clock.soon(() => respond(unreachable));
      return;
    }
    transport.send(source, request, requestTimeoutMs).then(respond, (error) => {
      logger.debug({ error, nodeId: source.nodeId, apiKey: request.apiKey }, 'a request failed');
      respond(error instanceof ApiError ? errorResponse(request.apiKey, error.errorCode) : unreachable);
    });
  }

  #respond(token: number, response: RaftResponse, bytes: ResponseBytes | null): void {
    const { requests, snapshots } = this.#targets;
    if (bytes?.kind === 'log' && response.apiKey === ApiKey.FETCH) {
      response.message.responses[0]!.partitions[0]!.records = this.#options.log.read(bytes.offset, bytes.maxBytes);
    } else if (bytes?.kind === 'snapshot' && response.apiKey === ApiKey.FETCH_SNAPSHOT) {
      const piece = snapshots.read(bytes.id, bytes.position, bytes.maxBytes);
      response.message.topics[0]!.partitions[0]!.unalignedRecords = piece;
    }
    requests.answer(token, response);
  }
}
