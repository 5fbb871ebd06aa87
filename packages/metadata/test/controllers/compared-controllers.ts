/**
 * Our controller beside one that is right: every answer must be the same, and at the end every record of the two logs.
 */
import assert from 'node:assert/strict';
import { ApiError, apiCodecs } from '@skarab/protocol';
import type { MetadataImage } from '../../src/core/image/metadata-image.ts';
import type { TopicIds } from './ids.ts';
import { OurController } from './our-controller.ts';

/** A controller that is right, or what was written down of one. */
export interface ReferenceController {
  /** The port of its listener, which its records tell. */
  readonly port: number;
  /** Its answer as text. `describeRequest` is for those who write down or look up. */
  answer(
    apiKey: number,
    version: number,
    makeRequest: (idOf: TopicIds) => object,
    describeRequest: () => string,
  ): Promise<string>;
  restart(): Promise<void>;
  /** Stops it, and gives what its log holds. */
  log(): Promise<string[]>;
}

/** What scenarios work with. */
export class ComparedControllers {
  readonly #ours: OurController;
  readonly #reference: ReferenceController;

  private constructor(ours: OurController, reference: ReferenceController) {
    this.#ours = ours;
    this.#reference = reference;
  }

  static async start(reference: ReferenceController, releaseVersion: string): Promise<ComparedControllers> {
    return new ComparedControllers(await OurController.start(reference.port, releaseVersion), reference);
  }

  get image(): MetadataImage {
    return this.#ours.image;
  }

  get logEndOffset(): number {
    return this.#ours.logEndOffset;
  }

  /** Gives both the same request, asserts that both answer the same, and returns our answer. */
  async call<Response>(
    apiKey: number,
    version: number,
    makeRequest: (idOf: TopicIds) => object,
  ): Promise<Response | ApiError> {
    const { ids } = this.#ours;
    // The ids of topics that this request makes are not known yet, and need not be.
    const shown = `${apiCodecs.get(apiKey)?.request.name} v${version} ${ids.describe(makeRequest(ids.of))}`;
    const [{ answer }, theirs] = await Promise.all([
      this.#ours.call(apiKey, version, makeRequest),
      this.#reference.answer(apiKey, version, makeRequest, () => shown),
    ]);
    if (answer instanceof ApiError) {
      const errors = new Set(errorsOf(JSON.parse(theirs)));
      assert.deepEqual(errors, new Set([answer.errorCode]), `${shown} → ${theirs}`);
    } else if (answer instanceof Error) throw answer;
    else assert.equal(ids.describe(answer), theirs, shown);
    return answer as Response | ApiError;
  }

  /** Stops and starts both. */
  async restart(): Promise<void> {
    await this.#ours.restart();
    await this.#reference.restart();
  }

  /** Stops both and asserts that their logs hold the same. */
  async compareLogs(): Promise<void> {
    await this.#ours.stop();
    const ours = this.#ours.log();
    const theirs = await this.#reference.log();
    // One by one, since the difference of two long lists takes for ever.
    for (const [index, line] of theirs.entries()) assert.equal(ours[index], line);
    assert.equal(ours.length, theirs.length);
  }
}

/** Every error code in an answer. */
function errorsOf(value: unknown, key = ''): number[] {
  if (key === 'errorCode') return [value as number];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => errorsOf(item, name));
}
