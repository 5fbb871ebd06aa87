/**
 * A system under test: how its data folder is formatted and how it is started; everything else is the same for all of them.
 */
import type { Command } from '../process/server-process.ts';
import type { NodeFiles } from './node-files.ts';

export interface SystemUnderTest {
  /** As on the command line and in the tables. */
  readonly name: string;
  /** False for the null broker, which can be measured only by what never reads back. */
  readonly storesRecords: boolean;
  /** Makes a fresh folder ready; undefined when it needs nothing. */
  formatCommand(files: NodeFiles): Command | undefined;
  startCommand(files: NodeFiles): Command;
}

/** Any cluster id will do. */
export const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';
