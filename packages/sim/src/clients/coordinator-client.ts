/**
 * Asks the coordinator of a group or of a transactional id, whoever that is.
 */
import type { ClientApi } from '@skarab/network';
import {
  ApiKey,
  decodeFindCoordinatorResponse,
  ErrorCode,
  encodeFindCoordinatorRequest,
  newFindCoordinatorRequest,
} from '@skarab/protocol';
import type { SimClient } from './sim-client.ts';

const findApi = {
  apiKey: ApiKey.FIND_COORDINATOR,
  encode: encodeFindCoordinatorRequest,
  decode: decodeFindCoordinatorResponse,
};
const BACKOFF_MS = 100;

/** What passes: somebody else coordinates, or will soon, or something else comes to its end first. */
export const PASSING_ERRORS: ReadonlySet<number> = new Set([
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.UNSTABLE_OFFSET_COMMIT,
]);

/** What a coordinator coordinates. */
export const KeyType = { GROUP: 0, TRANSACTION: 1 } as const;

export class CoordinatorClient {
  readonly key: string;
  readonly #client: SimClient;
  readonly #keyType: number;
  /** How often something was asked again. */
  retries = 0;
  #port: number | undefined;

  constructor(client: SimClient, keyType: number, key: string) {
    this.#client = client;
    this.#keyType = keyType;
    this.key = key;
  }

  /** Asks again and again, until the part of the response that `read` finds has no error that passes. */
  async untilAnswered<Request, Response, Answer extends { readonly errorCode: number }>(
    api: ClientApi<Request, Response>,
    request: Request,
    read: (response: Response) => Answer | undefined,
  ): Promise<Answer> {
    for (;;) {
      const response = await this.ask(api, request);
      const answer = response === undefined ? undefined : read(response);
      if (answer !== undefined && !PASSING_ERRORS.has(answer.errorCode)) return answer;
      this.retries++;
      this.forget();
      await this.#client.pause(BACKOFF_MS);
    }
  }

  /** Asks once; undefined when there was no answer. */
  async ask<Request, Response>(
    api: ClientApi<Request, Response>,
    request: Request,
    timeoutMs?: number,
  ): Promise<Response | undefined> {
    this.#port ??= await this.#find().catch(() => undefined);
    if (this.#port === undefined) return undefined;
    return this.#client.call(this.#port, api, request, timeoutMs).catch(() => undefined);
  }

  /** Somebody else may be it now. */
  forget(): void {
    this.#port = undefined;
  }

  async #find(): Promise<number | undefined> {
    const request = newFindCoordinatorRequest({ keyType: this.#keyType, coordinatorKeys: [this.key] });
    const { coordinators } = await this.#client.call(this.#client.somePort(), findApi, request);
    const found = coordinators[0];
    return found?.errorCode === ErrorCode.NONE ? found.port : undefined;
  }
}
