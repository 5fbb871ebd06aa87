/**
 * The way to whichever controller is active: asks it, and asks again while another one takes over, as long as the time allows.
 *
 * Requests go out one after the other, as they came; one that waits for the answer of a controller that another has succeeded is asked again at once.
 * A request may reach a controller twice when its answer was lost: every request
 * between nodes may. Source: kafka.server.NodeToControllerChannelManagerImpl, NodeToControllerRequestThread.
 */
import { type Clock, KafkaError, type Logger } from '@skarab/base';
import type { Address, ClientApi } from '@skarab/network';
import { ApiError, ErrorCode } from '@skarab/protocol';
import type { NodeChannel } from '../channel/node-channel.ts';
import type { ControllerChannel } from './controller-channel.ts';

/** A controller as the quorum names it. */
export interface ActiveController {
  readonly nodeId: number;
  readonly address: Address;
}

/** What is used of a `NodeChannel`. */
export type Asked = Pick<NodeChannel, 'send' | 'close'>;

/** What a channel is made of. */
export interface ActiveControllerChannelOptions {
  /** Who is active now: another node, this one, or undefined while nobody is or nobody knows. */
  readonly active: () => ActiveController | 'self' | undefined;
  /** A connection to one node, for this purpose. */
  readonly channelTo: (nodeId: number, address: () => Address | undefined) => Asked;
  /** How long one controller may take to answer. */
  readonly attemptTimeoutMs: number;
  /** How long a request may take in all. */
  readonly timeoutMs: number;
  /** Pause before a request is sent again. */
  readonly retryBackoffMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** More requests than that do not wait for their turn; a client's connection has one at a time. */
const MAX_WAITING = 10_000;

export class ActiveControllerChannel implements ControllerChannel {
  readonly #options: ActiveControllerChannelOptions;
  readonly #channels = new Map<number, Asked>();
  /** Ends when the request before has its answer. */
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  constructor(options: ActiveControllerChannelOptions) {
    this.#options = options;
  }

  call<Request, Response extends { readonly errorCode?: number }>(
    api: ClientApi<Request, Response>,
    request: Request,
  ): Promise<Response> {
    if (this.#waiting >= MAX_WAITING) return Promise.reject(new ApiError(ErrorCode.REQUEST_TIMED_OUT));
    const deadlineMs = this.#options.clock.monotonicMs() + this.#options.timeoutMs;
    this.#waiting++;
    const answer = this.#turn
      .then(() => this.#ask(api, request, deadlineMs))
      .finally(() => {
        this.#waiting--;
      });
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** Somebody else may be active: whoever was asked before, and may never answer, is not waited for. */
  onControllerChange(): void {
    const active = this.#options.active();
    if (active === undefined) return;
    for (const [nodeId, channel] of this.#channels) {
      if (active !== 'self' && active.nodeId === nodeId) continue;
      this.#channels.delete(nodeId);
      channel.close();
    }
  }

  /** Ends all connections; requests that wait fail. */
  close(): void {
    this.#isClosed = true;
    for (const channel of this.#channels.values()) channel.close();
  }

  async #ask<Request, Response extends { readonly errorCode?: number }>(
    api: ClientApi<Request, Response>,
    request: Request,
    deadlineMs: number,
  ): Promise<Response> {
    const { clock, logger, retryBackoffMs, attemptTimeoutMs } = this.#options;
    for (;;) {
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0 || this.#isClosed) throw new ApiError(ErrorCode.REQUEST_TIMED_OUT);
      const active = this.#options.active();
      if (active === 'self') throw new ApiError(ErrorCode.NOT_CONTROLLER, 'this node is the active controller');
      if (active !== undefined) {
        try {
          const response = await this.#channelTo(active).send(api, request, Math.min(leftMs, attemptTimeoutMs));
          if (response.errorCode !== ErrorCode.NOT_CONTROLLER) return response;
        } catch (error) {
          if (!(error instanceof KafkaError)) throw error;
          if (error.code === 'UNSUPPORTED_VERSION') throw new ApiError(ErrorCode.UNSUPPORTED_VERSION, error.message);
          logger.debug({ nodeId: active.nodeId, error: error.message }, 'cannot ask the active controller');
        }
      }
      await new Promise<void>((resolve) => clock.after(Math.min(retryBackoffMs, Math.max(0, leftMs)), resolve));
    }
  }

  #channelTo({ nodeId }: ActiveController): Asked {
    let channel = this.#channels.get(nodeId);
    if (channel === undefined) {
      const address = (): Address | undefined => {
        const active = this.#options.active();
        return active === undefined || active === 'self' || active.nodeId !== nodeId ? undefined : active.address;
      };
      channel = this.#options.channelTo(nodeId, address);
      this.#channels.set(nodeId, channel);
    }
    return channel;
  }
}
