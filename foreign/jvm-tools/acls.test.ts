/** Access control entries and Kafka's own authorizer: what kafka-acls says, and what those hear who are denied, as with the JVM's broker. */
import { test } from 'node:test';
import { compareWithJvm } from './transcript.ts';

const me = 'User:ANONYMOUS';
const authorizer = { 'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer' };
/** The JVM's text is its request as an object of Java's, ours is Kafka's for the error. */
const mask: [RegExp, string][] = [[/Request Request\(.*\) needs \w+ permission\./g, 'Cluster authorization failed.']];

test('entries are added, listed and removed', { timeout: 240_000 }, (t) =>
  compareWithJvm(
    t,
    async (s) => {
      const acls = (args: string) => s.tool('acls', args, { sorted: true });
      await acls('--list');
      await acls('--add --allow-principal User:alice --operation Read --operation Write --topic t');
      await acls('--add --allow-principal User:alice --producer --topic t --idempotent');
      await acls('--add --allow-principal User:bob --consumer --topic pre --group g --resource-pattern-type prefixed');
      await acls('--add --deny-principal User:carol --deny-host 10.0.0.1 --operation All --topic *');
      await acls('--add --allow-principal User:dave --operation CreateTokens --user-principal User:bob');
      await acls('--add --allow-principal User:dave --operation Describe --transactional-id x --delegation-token d');
      await acls('--list');
      await acls('--list --topic t');
      await acls('--list --topic prefix --resource-pattern-type match');
      await acls('--list --principal User:bob');
      await acls('--remove --force --allow-principal User:alice --operation Read --topic t');
      await acls('--list --topic t');
      await acls('--remove --force --topic t');
      await acls('--remove --force --topic none');
      await acls('--remove --force --topic prefix --resource-pattern-type match');
      await acls('--add --allow-principal alice --operation Read --topic t');
      await acls('--add --allow-principal User:alice --operation CreateTokens --topic t');
      await acls('--list');
    },
    { properties: { ...authorizer, 'super.users': me } },
  ),
);

test('who is denied cannot produce, consume, create or describe', { timeout: 300_000 }, (t) =>
  compareWithJvm(
    t,
    async (s) => {
      const acls = (args: string) => s.tool('acls', args, { sorted: true });
      const produce = (topic: string) =>
        s.tool('console-producer', `--topic ${topic} --command-property retries=0`, { input: 'a\n', mask });
      const consume = (topic: string, ...more: string[]) =>
        s.tool(
          'console-consumer',
          `--topic ${topic} --from-beginning --max-messages 1 --timeout-ms 5000 ${more.join(' ')}`,
          { mask },
        );
      await s.tool('topics', '--create --topic t');
      await produce('t');
      await consume('t');
      await acls(`--add --deny-principal ${me} --operation Write --topic t`);
      await produce('t');
      await acls(`--add --allow-principal ${me} --operation Read --topic t`);
      await consume('t', '--group', 'g');
      await acls(`--add --allow-principal User:alice --operation Read --group g`);
      await consume('t', '--group', 'g');
      await acls(`--add --deny-principal ${me} --operation Read --topic t`);
      await consume('t');
      await acls(`--add --deny-principal ${me} --operation Describe --topic t`);
      await s.tool('topics', '--describe --topic t', { mask });
      await s.tool('topics', '--list', { mask });
      await acls(`--add --deny-principal ${me} --operation All --topic new --resource-pattern-type prefixed`);
      await s.tool('topics', '--create --topic newer', { mask });
      await s.tool('topics', '--alter --topic t --partitions 3', { mask });
      await s.tool('topics', '--create --topic older', { mask });
      await s.tool('topics', '--delete --topic older', { mask });
      await s.tool('configs', '--alter --entity-type topics --entity-name newer --add-config retention.ms=1', { mask });
      // With an entry about the cluster the default is gone, and the node could not ask its controller any more.
      await acls(`--add --allow-principal ${me} --operation ClusterAction --operation Describe --cluster`);
      await s.tool('acls', `--add --allow-principal ${me} --operation Read --topic t`, { mask });
      await s.tool('acls', `--remove --force --topic t`, { mask });
      await s.tool('configs', '--alter --entity-type users --entity-name x --add-config SCRAM-SHA-256=[password=y]', {
        mask,
      });
    },
    // Everybody here is ANONYMOUS, and so is the node to itself, which is why there must be a default.
    { properties: { ...authorizer, 'allow.everyone.if.no.acl.found': 'true' } },
  ),
);
