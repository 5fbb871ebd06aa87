/** A metadata log in memory, for tests of this package and of what stands on it. */

/** Rules that tests break on purpose, to see that it is noticed. */
export { Quorum } from '../core/quorum.ts';
export { MemoryRaftLog } from './memory-raft-log.ts';
