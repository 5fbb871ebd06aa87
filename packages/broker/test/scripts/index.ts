/** All scripts, in the order in which they run against one broker. */
import type { Script } from '../transcript/script.ts';
import { aclsScript } from './acls.ts';
import { apiVersionsScript } from './api-versions.ts';
import { clusterScript } from './cluster.ts';
import { configsScript } from './configs.ts';
import { consumerGroupsScript } from './consumer-groups.ts';
import { controllersScript } from './controllers.ts';
import { credentialsScript } from './credentials.ts';
import { fetchScript } from './fetch.ts';
import { groupsScript } from './groups.ts';
import { hostileScript } from './hostile.ts';
import { idempotenceScript } from './idempotence.ts';
import { metadataScript } from './metadata.ts';
import { offsetsScript } from './offsets.ts';
import { produceScript } from './produce.ts';
import { quotasScript } from './quotas.ts';
import { shareScript } from './share.ts';
import { shareGroupsScript } from './share-groups.ts';
import { streamsGroupsScript } from './streams-groups.ts';
import { TOKEN_SECRET, tokensScript } from './tokens.ts';
import { topicsScript } from './topics.ts';
import { transactionsScript } from './transactions.ts';

export const scripts: readonly Script[] = [
  apiVersionsScript,
  metadataScript,
  produceScript,
  idempotenceScript,
  fetchScript,
  offsetsScript,
  topicsScript,
  configsScript,
  quotasScript,
  credentialsScript,
  clusterScript,
  controllersScript,
  tokensScript,
  aclsScript,
  groupsScript,
  consumerGroupsScript,
  streamsGroupsScript,
  transactionsScript,
  shareScript,
  shareGroupsScript,
  hostileScript,
];

/** How the broker is set up for them, ours and the JVM's. */
export function brokerProperties(dataDir: string): Record<string, string> {
  return {
    'log.dirs': `${dataDir}/a,${dataDir}/b`,
    'num.partitions': '2',
    'delegation.token.secret.key': TOKEN_SECRET,
  };
}
