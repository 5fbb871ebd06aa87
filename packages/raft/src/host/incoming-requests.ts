/**
 * Requests of other nodes that are not answered yet, by their tokens. Bounded: what is too much is refused.
 */
import { ErrorCode } from '@skarab/protocol';
import { errorResponse, type RaftRequest, type RaftResponse } from '../core/raft-messages.ts';

/** Most requests that wait for an answer. */
const MAX_REQUESTS = 10_000;

interface Waiting {
  readonly request: RaftRequest;
  readonly resolve: (response: RaftResponse) => void;
}

/** Requests that wait. */
export class IncomingRequests {
  readonly #waiting = new Map<number, Waiting>();
  #nextToken = 1;
  #isClosed = false;

  /** Hands a request on under a token; resolves with its answer. */
  take(request: RaftRequest, handOn: (token: number) => void): Promise<RaftResponse> {
    if (this.#isClosed || this.#waiting.size >= MAX_REQUESTS) {
      return Promise.resolve(errorResponse(request.apiKey, ErrorCode.BROKER_NOT_AVAILABLE));
    }
    const token = this.#nextToken++;
    return new Promise((resolve) => {
      this.#waiting.set(token, { request, resolve });
      handOn(token);
    });
  }

  /** Answers a request; one that is not there any more needs no answer. */
  answer(token: number, response: RaftResponse): void {
    const waiting = this.#waiting.get(token);
    this.#waiting.delete(token);
    waiting?.resolve(response);
  }

  /** Refuses those that wait and all that come. */
  close(): void {
    this.#isClosed = true;
    for (const { request, resolve } of this.#waiting.values()) {
      resolve(errorResponse(request.apiKey, ErrorCode.BROKER_NOT_AVAILABLE));
    }
    this.#waiting.clear();
  }
}
