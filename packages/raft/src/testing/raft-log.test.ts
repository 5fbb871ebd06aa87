import { systemClock } from '@skarab/base';
import { LogHost, MemoryStorage } from '@skarab/log';
import { openRaftLog } from '../host/partition-raft-log.ts';
import { MemoryRaftLog } from './memory-raft-log.ts';
import { raftLogContract } from './raft-log-contract.ts';

raftLogContract('memory', async () => new MemoryRaftLog());
raftLogContract('partition', () =>
  openRaftLog(new LogHost({ storage: new MemoryStorage(), clock: systemClock }), '/data'),
);
