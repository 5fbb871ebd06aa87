/**
 * Keeps this controller registered in the metadata log, so that the others know its listeners and the features it supports.
 *
 * Source: kafka.server.ControllerRegistrationManager; KIP-919.
 */
import { type Clock, type Logger, type Random, randomUuid, type Timer } from '@skarab/base';
import { newControllerRegistrationRequest } from '@skarab/protocol';
import { isControllerRegistrationSupported } from '../core/feature/metadata-version.ts';
import type { VersionRange } from '../core/feature/version-range.ts';
import type { MetadataImage } from '../core/image/metadata-image.ts';
import type { RegisteredEndpoint } from '../core/registration/endpoint.ts';
import type { ControllerApi } from './controller-api.ts';

/** Who registers, and with what. */
export interface ControllerRegistrationOptions {
  readonly nodeId: number;
  readonly endpoints: readonly RegisteredEndpoint[];
  readonly supportedFeatures: ReadonlyMap<string, VersionRange>;
  readonly controller: Pick<ControllerApi, 'registerController'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 120_000;

/** Registers whenever the image does not show this incarnation. */
export class ControllerRegistrar {
  readonly #options: ControllerRegistrationOptions;
  readonly #incarnationId: string;
  #isRegistered = false;
  #isSupported = false;
  #isPending = false;
  #isStopped = false;
  #failures = 0;
  #retry: Timer | null = null;

  constructor(options: ControllerRegistrationOptions) {
    this.#options = options;
    this.#incarnationId = randomUuid(options.random.bytes);
  }

  /** The newest committed image. */
  onImage(image: MetadataImage): void {
    this.#isSupported = isControllerRegistrationSupported(image.features.metadataVersion ?? 0);
    const registered = image.cluster.controllers.get(this.#options.nodeId);
    this.#isRegistered = registered?.incarnationId === this.#incarnationId;
    this.#registerIfNeeded();
  }

  /** No more attempts. */
  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
  }

  #registerIfNeeded(): void {
    if (this.#isRegistered || !this.#isSupported || this.#isPending || this.#isStopped) return;
    const { nodeId, endpoints, supportedFeatures, controller, clock, logger } = this.#options;
    const request = newControllerRegistrationRequest({
      controllerId: nodeId,
      incarnationId: this.#incarnationId,
      zkMigrationReady: false,
      listeners: endpoints.map(({ name, host, port, securityProtocol }) => ({ name, host, port, securityProtocol })),
      features: [...supportedFeatures].map(([name, { min, max }]) => ({
        name,
        minSupportedVersion: min,
        maxSupportedVersion: max,
      })),
    });
    this.#isPending = true;
    this.#retry?.cancel();
    controller.registerController({ requestVersion: 0 }, request).then(
      () => {
        this.#isPending = false;
        this.#failures = 0;
      },
      (error: unknown) => {
        this.#isPending = false;
        const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, MAX_RETRY_MS);
        logger.info({ error: String(error), delayMs }, 'cannot register this controller');
        this.#retry = clock.after(delayMs, () => this.#registerIfNeeded());
      },
    );
  }
}
