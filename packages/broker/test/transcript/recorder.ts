/**
 * Runs the calls of a script against one broker and writes down what it answered, block by block.
 *
 * A block is one titled request at one version or a range of versions; neighbouring versions with the same answer share a paragraph.
 * An answer is a response, the end of the connection, or nothing at all; each is recorded, none is judged here.
 */
import { ApiError, apiInfo } from '@skarab/protocol';
import { AnswerTimeout, ConnectionClosed, RawClient } from '../../../../tools/raw-client/raw-client.ts';
import type { Normaliser } from './normalise.ts';
import { render } from './render.ts';

/** A version, or the first and the last of a range. */
export type Versions = number | readonly [number, number];

export interface CallOptions<Response> {
  /** Repeats the request, unrecorded, until its answer is as wanted (metadata and coordinators take their time). */
  readonly until?: (response: Response) => boolean;
  /**
   * Which connection; 'main' unless given. Those whose name begins with 'controller' go to the controller listener. Connections are made
   * on first use and again after they ended.
   */
  readonly on?: string;
  /** What of the response to write down; all of it unless given. */
  readonly show?: (response: Response) => unknown;
  readonly timeoutMs?: number;
}

const SETTLE_MS = 10_000;
const ANSWER_TIMEOUT_MS = 4_000;
const RETRY_MS = 50;

export class Recorder {
  readonly #ports: { readonly port: number; readonly controllerPort: number };
  readonly #normaliser: Normaliser;
  /** `API v3` of every request that was answered and recorded. */
  readonly called = new Set<string>();
  readonly #clients = new Map<string, RawClient>();
  readonly #blocks = new Map<string, string[]>();

  constructor(ports: { readonly port: number; readonly controllerPort: number }, normaliser: Normaliser) {
    this.#ports = ports;
    this.#normaliser = normaliser;
  }

  /** What was recorded, by title. */
  get blocks(): ReadonlyMap<string, string> {
    return new Map([...this.#blocks].map(([title, lines]) => [title, lines.join('\n')]));
  }

  /** Sends a request at each version and records the answers; returns the last response. Errors: rejects when `until` is never met. */
  async call<Response extends object>(
    title: string,
    apiKey: number,
    versions: Versions,
    request: object | ((version: number) => object),
    options: CallOptions<Response> = {},
  ): Promise<Response> {
    const [first, last] = typeof versions === 'number' ? [versions, versions] : versions;
    const answers: { version: number; text: string }[] = [];
    let response: Response | undefined;
    for (let version = first; version <= last; version++) {
      const message = typeof request === 'function' ? (request as (version: number) => object)(version) : request;
      const outcome = await this.#attempt<Response>(apiKey, version, message, options);
      response = outcome.response;
      if (response !== undefined) this.called.add(`${apiInfo(apiKey)?.name} v${version}`);
      const shown = response === undefined ? undefined : (options.show?.(response) ?? response);
      answers.push({ version, text: outcome.failure ?? render(this.#normaliser.normalise(shown)) });
    }
    this.#record(title, apiInfo(apiKey)?.name ?? `API ${apiKey}`, answers);
    return response as Response;
  }

  /** Prepares the ground: nothing is recorded. */
  prepare<Response extends object>(
    apiKey: number,
    version: number,
    request: object,
    until?: (response: Response) => boolean,
  ): Promise<Response> {
    return this.#attempt<Response>(apiKey, version, request, until === undefined ? {} : { until }).then(
      ({ response, failure }) => {
        if (response === undefined) throw new Error(`cannot prepare with API ${apiKey} v${version}: ${failure}`);
        return response;
      },
    );
  }

  /** A request that the script awaits itself, while others run. */
  async start<Response extends object>(
    apiKey: number,
    version: number,
    request: object,
    on: string,
  ): Promise<Response> {
    const client = await this.client(on);
    return client.call<Response>(apiKey, version, request);
  }

  /** Records a value of the script's own making. */
  note(title: string, value: unknown): void {
    this.#add(title, render(this.#normaliser.normalise(value)));
  }

  /** The connection of a name. */
  async client(name = 'main'): Promise<RawClient> {
    let client = this.#clients.get(name);
    if (client === undefined || client.isClosed) {
      const { port, controllerPort } = this.#ports;
      client = await RawClient.connect(name.startsWith('controller') ? controllerPort : port);
      this.#clients.set(name, client);
    }
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  async #attempt<Response extends object>(
    apiKey: number,
    version: number,
    message: object,
    { until, on = 'main', timeoutMs = ANSWER_TIMEOUT_MS }: CallOptions<Response>,
  ): Promise<{ response?: Response; failure?: string }> {
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      const client = await this.client(on);
      let response: Response;
      try {
        response = await client.call<Response>(apiKey, version, message, timeoutMs);
      } catch (error) {
        if (error instanceof ApiError) return { failure: `cannot be sent: ${error.message}` };
        if (error instanceof ConnectionClosed) return { failure: 'connection closed' };
        if (error instanceof AnswerTimeout) {
          // Answers come in order, so nothing more would come of this connection.
          client.close();
          return { failure: 'no answer' };
        }
        throw error;
      }
      if (until === undefined || until(response)) return { response };
      if (Date.now() > deadline) throw new Error(`never as wanted: ${render(this.#normaliser.normalise(response))}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #record(title: string, api: string, answers: readonly { version: number; text: string }[]): void {
    for (let i = 0; i < answers.length; ) {
      const { version: first, text } = answers[i]!;
      let last = first;
      while (i < answers.length && answers[i]!.text === text) last = answers[i++]!.version;
      const versions = first === last ? `v${first}` : `v${first}–v${last}`;
      this.#add(title, `${api} ${versions}: ${text}`);
    }
  }

  #add(title: string, text: string): void {
    const lines = this.#blocks.get(title);
    if (lines === undefined) this.#blocks.set(title, [text]);
    else lines.push(text);
  }
}
