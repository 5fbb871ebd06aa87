import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isUuid, StorageError } from '@skarab/base';
import { FakeServer } from '../../test/fake-node.ts';
import { runProgram } from '../../test/run-program.ts';
import { skarab } from '../skarab.ts';
import { brokerCommand } from './broker-command.ts';
import { devCommand } from './dev-command.ts';
import { formatCommand } from './format-command.ts';

function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'commands-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const server = new FakeServer();
  const { loadFormatter, loadStartNode } = server;
  const commands = [
    devCommand(loadFormatter, loadStartNode),
    brokerCommand(loadFormatter, loadStartNode),
    formatCommand(loadFormatter),
  ];
  const program = skarab(commands, '1.2.3');
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    runProgram(program, args, { env, endRequested: Promise.resolve('SIGTERM') });
  return { folder, server, run, logDir: join(folder, 'data') };
}

test('help, version and mistakes', async (t) => {
  const { run } = setUp(t);
  assert.match((await run([])).stdout, /^skarab — .*\n\nUsage: skarab COMMAND/);
  assert.match(
    (await run(['broker', '--help'])).stdout,
    /^skarab broker — run one node\n\nUsage: skarab broker --log-dir DIR/,
  );
  assert.deepEqual(await run(['help', 'dev']), await run(['dev', '-h']));
  assert.deepEqual(await run(['--version']), { code: 0, stdout: '1.2.3\n', stderr: '' });
  assert.deepEqual(await run(['brokr']), {
    code: 2,
    stdout: '',
    stderr: "skarab: no command 'brokr'; did you mean: skarab broker?\n",
  });
  assert.deepEqual(await run(['broker', '--log-level', 'loud']), {
    code: 2,
    stdout: '',
    stderr:
      "skarab broker: option --log-level is 'loud'; allowed: debug, info, warn, error\nsee: skarab broker --help\n",
  });
  assert.deepEqual(await run(['broker', '--set', 'num.partitions=none']), {
    code: 1,
    stdout: '',
    stderr: 'skarab broker: Invalid value none for configuration num.partitions: Not a number of type INT\n',
  });
});

test('a broker formats its directory only when told the cluster', async (t) => {
  const { server, run, logDir } = setUp(t);
  const refused = await run(['broker', '--log-dir', logDir]);
  assert.deepEqual(refused, {
    code: 1,
    stdout: '',
    stderr: `skarab broker: log directory ${logDir} is not formatted; give --cluster-id to format it now, or run: skarab format --log-dir ${logDir}\n`,
  });
  const args = ['--cluster-id', '5L6g3nShT-eMCtK--X86sw', '--broker-id', '3', '--listen-addr', '127.0.0.1:19092'];
  const first = await run([
    'broker',
    '--log-dir',
    logDir,
    ...args,
    '--log-format',
    'kafka',
    '--metrics-addr',
    '127.0.0.1:9404',
  ]);
  assert.equal(first.code, 0);
  assert.match(
    first.stdout,
    /\] INFO \[KafkaRaftServer nodeId=3\] Kafka Server started \(kafka\.server\.KafkaRaftServer\)\n/,
  );
  assert.match(first.stdout, /Terminating process due to signal SIGTERM/);
  const clusterId = args[args.indexOf('--cluster-id') + 1] ?? '';
  assert.deepEqual(await run(['broker'], { SKARAB_LOG_DIR: logDir, SKARAB_CLUSTER_ID: 'other' }), {
    code: 1,
    stdout: '',
    stderr: `skarab broker: log directory ${logDir} belongs to cluster ${clusterId}, not to other; leave --cluster-id out, or choose another --log-dir\n`,
  });
  assert.deepEqual(await run(['format', '--log-dir', logDir]), {
    code: 1,
    stdout: '',
    stderr: `skarab format: log directory ${logDir} is formatted already, for cluster ${clusterId}; --ignore-formatted leaves it as it is\n`,
  });
  await run(['broker'], {
    SKARAB_LOG_DIR: logDir,
    SKARAB_CLUSTER_ID: clusterId,
    SKARAB_LISTEN_ADDR: '127.0.0.1:19092',
  });
  assert.equal(server.stopped, 2);
  assert.deepEqual(
    server.started.map((config) => [config.nodeId, config.logDirs, config.listeners.broker[0]?.port]),
    [
      [3, [logDir], 19092],
      [1, [logDir], 19092],
    ],
  );
  assert.deepEqual(server.options, [{ observability: { host: '127.0.0.1', port: 9404 } }, {}]);
  assert.equal(server.formatted.length, 1);
  const { initialControllers, ...request } = server.formatted[0]!;
  assert.deepEqual(request, {
    directories: [logDir],
    metadataLogDir: logDir,
    nodeId: 3,
    clusterId: '5L6g3nShT-eMCtK--X86sw',
    controllerListenerName: 'CONTROLLER',
    hasDynamicQuorum: true,
    ignoreFormatted: true,
    featureLevels: new Map(),
    unstableFeatureVersionsEnabled: false,
  });
  assert.deepEqual(
    initialControllers?.map(({ directoryId, ...rest }) => ({ ...rest, isId: isUuid(directoryId) })),
    [{ id: 3, host: '127.0.0.1', port: 19093, isId: true }],
  );
});

test('a node that cannot start, or fails, ends with exit code 1 and says why', async (t) => {
  const { server, run, logDir } = setUp(t);
  const args = ['broker', '--log-dir', logDir, '--cluster-id', 'c', '--log-format', 'kafka'];
  server.startError = new StorageError('/x', 'EACCES', 'no access');
  const refused = await run(args);
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /ERROR Exiting Kafka due to fatal exception during startup\. .*\n.*no access/);
  server.startError = undefined;
  server.ended = Promise.reject(new Error('all log directories have failed'));
  const program = brokerCommand(server.loadFormatter, server.loadStartNode).run;
  const failed = await runProgram(program, args.slice(1));
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /ERROR Exiting Kafka due to a fatal fault\..*\n.*all log directories have failed/);
  assert.equal(server.stopped, 1);
});

test('what a file sets without effect, or that nobody knows, is said', async (t) => {
  const { folder, server, run, logDir } = setUp(t);
  const file = join(folder, 'server.properties');
  writeFileSync(file, `log.dirs=${logDir}\nnum.io.threads=4\nno.such.thing=1\n`);
  const { stdout } = await run(['broker', '--config', file, '--cluster-id', 'c', '--log-format', 'kafka']);
  assert.deepEqual(server.started[0]?.logDirs, [logDir]);
  assert.match(stdout, /WARN .*num\.io\.threads has no effect/);
  assert.match(stdout, /WARN .*no\.such\.thing is not a known configuration/);
});

test('dev starts at once, says what to type, and can keep nothing', async (t) => {
  const { server, run } = setUp(t);
  const { code, stdout } = await run(['dev', '--temporary']);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^\nSkarab serves Kafka at 127\.0\.0\.1:9092 \(cluster c\)\. Records are gone when it ends\. Ctrl-C ends it\.\n/,
  );
  const [config] = server.started;
  assert.equal(config?.get('group.initial.rebalance.delay.ms'), 0);
  assert.equal(existsSync(config?.logDirs[0] ?? ''), false);
});

test('format takes the quorum that it is told', async (t) => {
  const { server, run, logDir } = setUp(t);
  const alone = await run([
    'format',
    '--log-dir',
    logDir,
    '--node-id',
    '7',
    '--controller-listener',
    'CONTROLLER://c:9',
    '--standalone',
  ]);
  assert.deepEqual(alone, { code: 0, stdout: `Formatting ${logDir}\n`, stderr: '' });
  const controllers = '0@a:1:JEXY6aqzQY-32P5TStzaFg,1@[::1]:2:MvDxzVmcRsaTz33bUuRU6A';
  await run([
    'format',
    '--log-dir',
    `${logDir}2`,
    '-t',
    'c',
    '--initial-controllers',
    controllers,
    '-f',
    'group.version=0',
    '--release-version',
    '4.2',
  ]);
  await run(['format', '--log-dir', `${logDir}3`, '--no-initial-controllers']);
  assert.deepEqual(
    server.formatted.map(({ nodeId, initialControllers, featureLevels, releaseVersion, ignoreFormatted }) => ({
      nodeId,
      hosts: initialControllers?.map(({ id, host, port }) => `${id} ${host} ${port}`),
      features: [...featureLevels],
      releaseVersion,
      ignoreFormatted,
    })),
    [
      { nodeId: 7, hosts: ['7 c 9'], features: [], releaseVersion: undefined, ignoreFormatted: false },
      {
        nodeId: 1,
        hosts: ['0 a 1', '1 ::1 2'],
        features: [['group.version', 0]],
        releaseVersion: '4.2',
        ignoreFormatted: false,
      },
      { nodeId: 1, hosts: undefined, features: [], releaseVersion: undefined, ignoreFormatted: false },
    ],
  );
  const wrong = await run(['format', '--log-dir', `${logDir}4`, '--initial-controllers', '0@a:1']);
  assert.deepEqual(wrong, {
    code: 1,
    stdout: '',
    stderr: "skarab format: '0@a:1' is not a controller; expected id@host:port:directoryId\n",
  });
});
