/**
 * Scripted faults: what the broker does with the next requests of an API instead of answering them.
 *
 * Each line is used up by the requests it hits, oldest line first. Source of the idea: librdkafka's mock cluster.
 */
import type { InterceptedRequest } from '@skarab/broker';
import { apis, ErrorCode } from '@skarab/protocol';

/** An API by the name of its messages: 'Produce', 'Fetch', 'JoinGroup' … */
export type ApiName = string;
/** An error by Kafka's name: 'NOT_LEADER_OR_FOLLOWER' … */
export type ErrorName = keyof typeof ErrorCode;

interface Line {
  readonly apiKey: number;
  readonly action: InterceptedRequest;
  left: number;
}

export class FaultScript {
  readonly #lines: Line[] = [];

  /** Answers the next `times` requests of `api` with `error` at its top level or in every item of it. */
  answer(api: ApiName, error: ErrorName, times = 1): this {
    return this.#add(api, { action: 'error', errorCode: ErrorCode[error] }, times);
  }

  /** Holds the next `times` requests of `api` for `delayMs` before they are handled. */
  delay(api: ApiName, delayMs: number, times = 1): this {
    return this.#add(api, { action: 'delay', delayMs }, times);
  }

  /** Ends the connection when one of the next `times` requests of `api` arrives, without answering. */
  dropConnection(api: ApiName, times = 1): this {
    return this.#add(api, { action: 'drop' }, times);
  }

  /** Forgets all lines. */
  clear(): void {
    this.#lines.length = 0;
  }

  /** Requests that faults still wait for. */
  get pending(): number {
    return this.#lines.reduce((sum, line) => sum + line.left, 0);
  }

  /** For the broker: the fault of a request, if any. */
  next(apiKey: number): InterceptedRequest | undefined {
    const i = this.#lines.findIndex((line) => line.apiKey === apiKey);
    const line = this.#lines[i];
    if (line === undefined) return undefined;
    line.left--;
    if (line.left === 0) this.#lines.splice(i, 1);
    return line.action;
  }

  #add(api: ApiName, action: InterceptedRequest, times: number): this {
    const info = apis.find(({ name }) => name === api);
    if (info === undefined)
      throw new TypeError(`no API is named '${api}'; there are ${apis.map(({ name }) => name).join(', ')}`);
    if (!Number.isInteger(times) || times < 1) throw new TypeError(`times must be a positive integer, not ${times}`);
    this.#lines.push({ apiKey: info.key, action, left: times });
    return this;
  }
}
