/** A metadata log in memory, for tests of this package and of what stands on it. */
export { MemoryRaftLog } from './memory-raft-log.ts';
