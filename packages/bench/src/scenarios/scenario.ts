/**
 * What a scenario is: a load against a running server, or a life of a server that the scenario starts itself.
 */
import type { LineProcess } from '../process/line-process.ts';
import type { Measurement } from '../report/metrics.ts';
import type { ScenarioInfo } from '../report/report.ts';
import type { Server } from '../systems/server.ts';
import type { SystemUnderTest } from '../systems/system.ts';

/** The processes that make load, started once and warm. */
export interface LoadProcesses {
  /** The official Java clients. */
  readonly driver: LineProcess;
  /** Ready-made requests. */
  readonly raw: LineProcess;
}

/** How big and long everything is. */
export interface Effort {
  /** Length of a measured run. */
  readonly seconds: number;
  /** Length of an unmeasured run that warms the server up. */
  readonly warmupSeconds: number;
  /** Unmeasured runs before the warm ones. */
  readonly warmups: number;
  /** Measured runs of a load. */
  readonly rounds: number;
  /** Measured runs of a life. */
  readonly lifeRounds: number;
  /** Payload that is written beforehand for what only reads. */
  readonly fillBytes: number;
  /** Rest after each run. */
  readonly pauseMs: number;
  /** Each scenario has servers of its own, and its first run on them is measured as the cold one. */
  readonly freshServers: boolean;
}

/** What a load scenario runs against: a server and a topic there. */
export interface Target {
  readonly server: Server;
  readonly topic: string;
  readonly loads: LoadProcesses;
  readonly seconds: number;
  readonly fillBytes: number;
}

interface Common extends ScenarioInfo {
  /** Part of the runs without --scenario: of both, of the full one, or of none. */
  readonly set: 'quick' | 'full' | 'extra';
  /** Reads back what was written, so the null broker cannot take part. */
  readonly needsStorage: boolean;
}

/** A load that is repeated against running servers. */
export interface LoadScenario extends Common {
  readonly kind: 'load';
  readonly partitions: number;
  /** Of the server, and replicas of each partition; 1 when it is not said. */
  readonly nodes?: number;
  /** Fills the topic, which then is kept for all runs; without it every run has a topic of its own. */
  readonly fill?: (target: Target) => Promise<void>;
  readonly run: (target: Target) => Promise<Measurement>;
}

/** What a life of a server is run with. */
export interface LifeContext {
  readonly system: SystemUnderTest;
  readonly workFolder: string;
  readonly loads: LoadProcesses;
  readonly effort: Effort;
}

/** A scenario that starts and ends servers itself. */
export interface LifeScenario extends Common {
  readonly kind: 'life';
  /** Whether a first, unmeasured turn brings programs into the page cache. */
  readonly hasWarmup: boolean;
  readonly run: (context: LifeContext) => Promise<Measurement>;
}

export type Scenario = LoadScenario | LifeScenario;
