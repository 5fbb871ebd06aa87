import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeServer } from '../../test/fake-node.ts';
import { runProgram } from '../../test/run-program.ts';
import { kafkaServerStart } from './kafka-server-start.ts';

test('a node from server.properties with overrides', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'start-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'server.properties');
  const lines = [
    'process.roles=broker,controller',
    'node.id=4',
    'listeners=PLAINTEXT://localhost:1,CONTROLLER://localhost:2',
    'controller.listener.names=CONTROLLER',
    'controller.quorum.bootstrap.servers=localhost:2',
  ];
  writeFileSync(file, lines.join('\n'));
  const server = new FakeServer();
  const program = kafkaServerStart(server.loadStartNode);
  const run = (...args: string[]) => runProgram(program, args, { endRequested: Promise.resolve('SIGINT') });

  const good = await run(file, '--override', 'log.dirs=/a=b', '--override=num.partitions=7');
  assert.equal(good.code, 0);
  assert.match(
    good.stdout,
    /^\[.{23}\] INFO \[KafkaRaftServer nodeId=4\] Kafka Server started \(kafka\.server\.KafkaRaftServer\)$/m,
  );
  assert.deepEqual(
    server.started.map((config) => [config.logDirs, config.get('num.partitions')]),
    [[['/a=b'], 7]],
  );

  const fatal = async (...args: string[]): Promise<string | undefined> => {
    const { code, stdout } = await run(...args);
    assert.equal(code, 1);
    return /^\[.{23}\] ERROR Exiting Kafka due to fatal exception \(kafka\.Kafka\$\)\n(.*)\n$/.exec(stdout)?.[1];
  };
  assert.equal(await fatal(join(folder, 'none')), `java.nio.file.NoSuchFileException: ${join(folder, 'none')}`);
  assert.equal(
    await fatal(file, '--override', 'num.partitions=many'),
    'org.apache.kafka.common.config.ConfigException: Invalid value many for configuration num.partitions: Not a number of type INT',
  );
  assert.equal(await fatal(file, 'stray'), 'Found non argument parameters: stray');
  assert.equal(await fatal(file, '--override', 'novalue'), 'Invalid command line properties: novalue');
  writeFileSync(file, 'node.id=1\n');
  assert.equal(
    await fatal(file),
    'org.apache.kafka.common.config.ConfigException: Missing required configuration "process.roles" which has no default value.',
  );
  assert.deepEqual(await run('--version'), { code: 0, stdout: '4.3.1\n', stderr: '' });
  assert.equal((await run()).code, 1);
});
