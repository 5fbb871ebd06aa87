/** kafka-topics and kafka-configs: everything they say about topics, brokers, quotas and wrong requests. */
import { test } from 'node:test';
import { compareWithJvm } from './transcript.ts';

test('topics are created, described, altered and deleted as the JVM broker does it', { timeout: 120_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    await s.tool('topics', '--list');
    await s.tool('topics', '--create --topic plain');
    await s.tool('topics', '--create --topic plain');
    await s.tool('topics', '--create --topic plain --if-not-exists');
    await s.tool('topics', '--create --topic three --partitions 3 --replication-factor 1');
    await s.tool(
      'topics',
      '--create --topic kept --config cleanup.policy=compact --config retention.ms=1000 --config segment.bytes=1048576',
    );
    await s.tool('topics', '--create --topic placed --replica-assignment 1,1,1');
    await s.tool('topics', '--create --topic many --replication-factor 2');
    await s.tool('topics', '--create --topic none --partitions 0');
    await s.tool('topics', ['--create', '--topic', 'bad name']);
    await s.tool('topics', '--create --topic a.b');
    await s.tool('topics', '--create --topic a_b');
    await s.tool('topics', '--create --topic wrong --config no.such.config=1');
    await s.tool('topics', '--create --topic wrong --config retention.ms=soon');
    await s.tool('topics', '--create --topic wrong --config cleanup.policy=shred');
    await s.tool('topics', '--create --topic wrong --config min.insync.replicas=0');
    await s.tool('topics', '--create --topic wrong --replica-assignment 7');
    await s.tool('topics', `--create --topic ${'x'.repeat(250)}`);
    await s.tool('topics', '--list');
    await s.tool('topics', '--describe', { sorted: true });
    await s.tool('topics', '--describe --topic kept');
    await s.tool('topics', '--describe --topic nowhere');
    await s.tool('topics', '--describe --topic nowhere --if-exists');
    await s.tool('topics', '--describe --topics-with-overrides');
    await s.tool('topics', '--describe --under-replicated-partitions');
    await s.tool('topics', '--describe --unavailable-partitions');
    await s.tool('topics', '--describe --at-min-isr-partitions --topic plain');
    await s.tool('topics', '--alter --topic three --partitions 5');
    await s.tool('topics', '--alter --topic three --partitions 5');
    await s.tool('topics', '--alter --topic three --partitions 2');
    await s.tool('topics', '--alter --topic nowhere --partitions 2');
    await s.tool('topics', '--describe --topic three');
    await s.tool('topics', '--delete --topic three');
    await s.tool('topics', '--delete --topic three');
    await s.tool('topics', '--delete --topic three --if-exists');
    await s.tool('topics', '--create --topic three');
    await s.tool('topics', '--describe --topic three');
    await s.tool('topics', ['--list', '--topic', '^[pt].*']);
  }),
);

test('configurations are described and altered as the JVM broker does it', { timeout: 120_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    await s.tool('topics', '--create --topic t --config retention.ms=86400000');
    const topic = '--entity-type topics --entity-name t';
    await s.tool('configs', `--describe ${topic}`);
    await s.tool('configs', `--describe --all ${topic}`);
    await s.tool('configs', `--alter ${topic} --add-config max.message.bytes=2000000,cleanup.policy=[compact,delete]`);
    await s.tool('configs', `--describe ${topic}`);
    await s.tool('configs', `--alter ${topic} --delete-config retention.ms`);
    await s.tool('configs', `--alter ${topic} --delete-config retention.ms`);
    await s.tool('configs', `--alter ${topic} --add-config max.message.bytes=-2`);
    await s.tool('configs', `--alter ${topic} --add-config no.such=1`);
    await s.tool('configs', `--describe ${topic}`);
    await s.tool('configs', '--describe --entity-type topics --entity-name nowhere');
    await s.tool('configs', '--alter --entity-type topics --entity-name nowhere --add-config retention.ms=1');

    const broker = '--entity-type brokers --entity-name 1';
    await s.tool('configs', `--describe ${broker}`);
    await s.tool('configs', `--alter ${broker} --add-config log.cleaner.threads=2`);
    // A broker may take on what the controller has decided a moment later.
    const taken: [RegExp, string] = [/log\.cleaner\.threads=\d sensitive/g, 'log.cleaner.threads=N sensitive'];
    await s.tool('configs', `--describe ${broker}`, { mask: [taken] });
    await s.tool('configs', `--alter ${broker} --add-config log.dirs=/elsewhere`);
    await s.tool('configs', `--alter ${broker} --add-config log.cleaner.threads=-1`);
    await s.tool('configs', `--alter ${broker} --delete-config log.cleaner.threads`);
    await s.tool('configs', '--alter --entity-type brokers --entity-default --add-config log.retention.ms=60000');
    await s.tool('configs', '--describe --entity-type brokers --entity-default');
    await s.tool('configs', `--describe ${topic} --all`, { mask: [[/^(?! {2}retention\.ms=).*\n/gm, '']] });
    await s.tool('configs', `--describe ${broker} --all`);

    await s.tool(
      'configs',
      '--alter --entity-type groups --entity-name g --add-config consumer.session.timeout.ms=50000',
    );
    await s.tool('configs', '--describe --entity-type groups --entity-name g');
    await s.tool('configs', '--alter --entity-type groups --entity-name g --add-config consumer.session.timeout.ms=1');
  }),
);

test('quotas are described and altered as the JVM broker does it', { timeout: 120_000 }, (t) =>
  compareWithJvm(
    t,
    async (s) => {
      await s.tool(
        'configs',
        '--alter --entity-type clients --entity-name c --add-config producer_byte_rate=1024,consumer_byte_rate=2048',
      );
      await s.tool(
        'configs',
        '--alter --entity-type users --entity-name u --entity-type clients --entity-name c --add-config request_percentage=50',
      );
      await s.tool('configs', '--alter --entity-type users --entity-default --add-config producer_byte_rate=10');
      await s.tool('configs', '--describe --entity-type clients', { sorted: true });
      await s.tool('configs', '--describe --entity-type users', { sorted: true });
      await s.tool('configs', '--describe --entity-type users --entity-name u --entity-type clients', { sorted: true });
      await s.tool('configs', '--alter --entity-type clients --entity-name c --delete-config producer_byte_rate');
      await s.tool('configs', '--describe --entity-type clients --entity-name c');
      await s.tool('configs', '--alter --entity-type clients --entity-name c --add-config nonsense=1');
    },
    { needs: ['DescribeClientQuotas', 'AlterClientQuotas'] },
  ),
);

test('client metrics are described and altered as the JVM broker does it', { timeout: 120_000 }, (t) =>
  compareWithJvm(
    t,
    async (s) => {
      await s.tool('configs', '--alter --entity-type client-metrics --entity-name m --add-config interval.ms=5000');
      await s.tool('configs', '--describe --entity-type client-metrics --entity-name m');
      await s.tool('client-metrics', '--list');
      await s.tool(
        'client-metrics',
        '--alter --name n --metrics org.apache.kafka.producer. --interval 10000 --match client_id=x',
      );
      await s.tool('client-metrics', '--describe', { mask: [[/[ \t]+/g, ' ']], sorted: true });
      await s.tool('client-metrics', '--delete --name n');
      await s.tool('client-metrics', '--list');
    },
    { needs: ['ListConfigResources'] },
  ),
);

test('levels of loggers, groups and client metrics by kafka-configs', { timeout: 120_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    const loggers = '--entity-type broker-loggers --entity-name 1';
    await s.tool('configs', `${loggers} --alter --add-config root=WARN`);
    await s.tool('configs', `${loggers} --alter --add-config root=LOUD`);
    await s.tool('configs', `${loggers} --alter --add-config no.such=INFO`);
    await s.tool('configs', `${loggers} --alter --delete-config root`);
    await s.tool('configs', '--entity-type broker-loggers --entity-name 7 --describe');
    await s.tool(
      'configs',
      '--entity-type groups --entity-name g --alter --add-config consumer.session.timeout.ms=50000',
    );
    await s.tool('configs', '--entity-type client-metrics --entity-name m --alter --add-config interval.ms=30000');
    await s.tool('configs', '--entity-type groups --describe', { sorted: true });
    await s.tool('configs', '--entity-type client-metrics --describe', { sorted: true });
    await s.tool('configs', `${loggers} --alter --add-config root=INFO`);
  }),
);
