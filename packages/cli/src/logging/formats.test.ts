import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kafkaFormat, prettyFormat } from './formats.ts';
import { type LogLevel, lineLogger } from './line-logger.ts';

const noon = new Date(2026, 0, 31, 12, 0, 0, 7).getTime();

function collect(format: typeof kafkaFormat, level: LogLevel = 'info') {
  const lines: string[] = [];
  const logger = lineLogger({ level, format, write: (line) => lines.push(line), nowMs: () => noon });
  return { lines, logger };
}

test("Kafka's look", () => {
  const { lines, logger } = collect(kafkaFormat);
  logger
    .child({ component: 'kafka.server.KafkaRaftServer' })
    .info({}, '[KafkaRaftServer nodeId=1] Kafka Server started');
  logger.warn({ topic: 'a b', offset: 7n, of: { x: 1n } }, 'odd');
  logger.debug({}, 'unheard');
  assert.deepEqual(lines, [
    '[2026-01-31 12:00:00,007] INFO [KafkaRaftServer nodeId=1] Kafka Server started (kafka.server.KafkaRaftServer)\n',
    '[2026-01-31 12:00:00,007] WARN odd topic="a b" offset=7 of={"x":"1"}\n',
  ]);
});

test('the pretty look, with a stack', () => {
  const { lines, logger } = collect(prettyFormat(false));
  const error = new Error('no');
  error.stack = 'Error: no\n    at somewhere';
  logger.error({ component: 'log', error }, 'failed');
  assert.deepEqual(lines, ['12:00:00.007 ERROR log  failed\nError: no\n    at somewhere\n']);
  const coloured = collect(prettyFormat(true));
  coloured.logger.info({}, 'x');
  assert.deepEqual(coloured.lines, ['\u001b[2m12:00:00.007\u001b[0m \u001b[32mINFO \u001b[0m x\n']);
});
