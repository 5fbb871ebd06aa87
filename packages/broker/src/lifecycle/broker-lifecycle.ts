/**
 * A broker's life as the controller sees it: registration, heartbeats that get it unfenced, controlled shutdown.
 *
 * Shape: host around one small state; speaks the real BrokerRegistration and BrokerHeartbeat messages through a port, so that the
 * controller may be in this process or elsewhere. Source: KIP-631, kafka.server.BrokerLifecycleManager.
 */
import { type Clock, type Logger, StateError, type Timer, type Uuid } from '@skarab/base';
import {
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
  type BrokerRegistrationRequest,
  type BrokerRegistrationResponse,
  ErrorCode,
  errorName,
  newBrokerHeartbeatRequest,
} from '@skarab/protocol';

/** How the controller is reached. */
export interface ControllerPort {
  registerBroker(request: BrokerRegistrationRequest): Promise<BrokerRegistrationResponse>;
  heartbeat(request: BrokerHeartbeatRequest): Promise<BrokerHeartbeatResponse>;
}

/** What a lifecycle is made of. */
export interface BrokerLifecycleOptions {
  readonly registration: BrokerRegistrationRequest;
  readonly controller: ControllerPort;
  /** Offset of the newest metadata that this broker has applied. */
  readonly metadataOffset: () => number;
  /** False when there are too few voters for a controller to be active; see `RollCall`. */
  readonly isQuorumPossible: () => Promise<boolean>;
  /** Ids of log directories that have failed. */
  readonly offlineDirectories: () => Uuid[];
  /** `broker.heartbeat.interval.ms`. */
  readonly heartbeatIntervalMs: number;
  /** `initial.broker.registration.timeout.ms`. */
  readonly registrationTimeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where the broker stands. */
export type LifecycleState = 'starting' | 'registered' | 'running' | 'shuttingDown' | 'stopped';

const RETRY_MS = 50;
/** While a controlled shutdown is not granted, it is asked that often whether there can be a quorum. */
const ROLL_CALL_INTERVAL_MS = 250;
/** Voters that are restarted are back within this time. */
const QUORUM_GONE_MS = 1500;

export class BrokerLifecycle {
  readonly #options: BrokerLifecycleOptions;
  #state: LifecycleState = 'starting';
  #brokerEpoch = -1;
  #timer: Timer | undefined;
  #isSending = false;
  #isDirty = false;
  /** Failed directories that the controller has been told of. */
  readonly #reported = new Set<Uuid>();
  /** When the controller answered last. */
  #answeredAtMs = 0;
  readonly #waiting: { readonly state: LifecycleState; readonly resolve: () => void }[] = [];

  constructor(options: BrokerLifecycleOptions) {
    this.#options = options;
  }

  get state(): LifecycleState {
    return this.#state;
  }

  /** Given by the controller at registration; -1 before. */
  get brokerEpoch(): number {
    return this.#brokerEpoch;
  }

  /** Registers, trying again while the controller is not there. Errors: StateError when it refuses for good, or for too long. */
  async register(): Promise<void> {
    const { controller, registration, registrationTimeoutMs, clock, logger } = this.#options;
    const deadlineMs = clock.monotonicMs() + registrationTimeoutMs;
    for (;;) {
      const errorCode = await controller.registerBroker(registration).then(
        (response) => {
          if (response.errorCode === ErrorCode.NONE) this.#brokerEpoch = Number(response.brokerEpoch);
          return response.errorCode;
        },
        (error: unknown) => {
          logger.debug({ error: String(error) }, 'cannot reach the controller');
          return ErrorCode.NOT_CONTROLLER;
        },
      );
      if (errorCode === ErrorCode.NONE) break;
      if (errorCode !== ErrorCode.NOT_CONTROLLER && errorCode !== ErrorCode.DUPLICATE_BROKER_REGISTRATION) {
        throw new StateError(`the controller refuses this broker: ${errorName(errorCode)}`);
      }
      if (this.#state === 'stopped') throw new StateError('stopped while registering');
      if (clock.monotonicMs() >= deadlineMs)
        throw new StateError(`unable to register with the controller quorum within ${registrationTimeoutMs} ms`);
      await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
    }
    this.#enter('registered');
    this.#sendSoon();
  }

  /** A log directory has failed: the controller must hear of it within `timeoutMs`, or `onUnheard` is called. */
  reportOfflineDirectory(directoryId: Uuid, timeoutMs: number, onUnheard: () => void): void {
    this.#sendSoon();
    this.#options.clock.after(timeoutMs, () => {
      if (this.#state !== 'stopped' && !this.#reported.has(directoryId)) onUnheard();
    });
  }

  /** Another controller is active: what it hears of this broker now, it knows to have ended when the connection does. */
  onNewController(): void {
    if (this.#state === 'running') this.#sendSoon();
  }

  /** Resolves when the controller has unfenced this broker. */
  whenRunning(): Promise<void> {
    return this.#when('running');
  }

  /**
   * Asks for a controlled shutdown and waits for the controller's leave, at most `timeoutMs`; not as long when there is no quorum any more,
   * as when all nodes are stopped at once and this is the last one. (JVM Kafka waits five minutes then.)
   */
  async shutDown(timeoutMs: number): Promise<void> {
    if (this.#state === 'running') {
      this.#enter('shuttingDown');
      this.#sendSoon();
      const { promise, resolve } = Promise.withResolvers<void>();
      const deadline = this.#options.clock.after(timeoutMs, resolve);
      await Promise.race([this.#when('stopped'), promise, this.#whenQuorumIsGone()]);
      deadline.cancel();
    }
    this.stop();
  }

  /** No more heartbeats. */
  stop(): void {
    this.#timer?.cancel();
    this.#enter('stopped');
  }

  /** Resolves when for a while there could be no quorum and no controller has answered, or when this broker has stopped. */
  async #whenQuorumIsGone(): Promise<void> {
    const { clock, isQuorumPossible, logger } = this.#options;
    let possibleAtMs = clock.monotonicMs();
    while (this.#state === 'shuttingDown') {
      await new Promise<void>((resolve) => clock.after(ROLL_CALL_INTERVAL_MS, resolve));
      if (await isQuorumPossible()) possibleAtMs = clock.monotonicMs();
      const goneMs = clock.monotonicMs() - Math.max(possibleAtMs, this.#answeredAtMs);
      if (goneMs < QUORUM_GONE_MS) continue;
      logger.warn(
        { goneMs: Math.round(goneMs) },
        'no controlled shutdown: a majority of the voters takes no connections',
      );
      return;
    }
  }

  #when(state: LifecycleState): Promise<void> {
    if (this.#state === state) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ state, resolve }));
  }

  #enter(state: LifecycleState): void {
    this.#state = state;
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.state === state) waiting.resolve();
      else this.#waiting.push(waiting);
    }
  }

  #sendSoon(): void {
    if (this.#isSending) {
      this.#isDirty = true;
      return;
    }
    this.#timer?.cancel();
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#state === 'starting' || this.#state === 'stopped') return;
    this.#isSending = true;
    this.#isDirty = false;
    const { registration, controller, metadataOffset, offlineDirectories, logger } = this.#options;
    const request = newBrokerHeartbeatRequest({
      brokerId: registration.brokerId,
      brokerEpoch: BigInt(this.#brokerEpoch),
      currentMetadataOffset: BigInt(metadataOffset()),
      wantFence: false,
      wantShutDown: this.#state === 'shuttingDown',
      offlineLogDirs: offlineDirectories(),
    });
    try {
      const response = await controller.heartbeat(request);
      if (response.errorCode === ErrorCode.NONE) for (const id of request.offlineLogDirs) this.#reported.add(id);
      this.#answeredAtMs = this.#options.clock.monotonicMs();
      this.#onAnswer(response);
    } catch (error) {
      logger.warn({ error: String(error) }, 'heartbeat failed');
    }
    this.#isSending = false;
    this.#schedule();
  }

  #onAnswer(response: BrokerHeartbeatResponse): void {
    if (response.errorCode !== ErrorCode.NONE) {
      this.#options.logger.warn({ error: errorName(response.errorCode) }, 'heartbeat refused');
    } else if (this.#state === 'registered') {
      if (!response.isFenced) this.#enter('running');
      else if (response.isCaughtUp) this.#isDirty = true;
    } else if (this.#state === 'shuttingDown' && response.shouldShutDown) this.#enter('stopped');
  }

  #schedule(): void {
    if (this.#state === 'stopped') return;
    const { clock, heartbeatIntervalMs } = this.#options;
    const isUrgent = this.#isDirty || this.#state !== 'running';
    this.#timer = clock.after(
      isUrgent ? Math.min(10, heartbeatIntervalMs) : heartbeatIntervalMs,
      () => void this.#send(),
    );
  }
}
