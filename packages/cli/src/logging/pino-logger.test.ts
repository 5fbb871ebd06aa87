import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinoLogger } from './pino-logger.ts';

test('one JSON object per line, with levels by name, plain values and stacks', () => {
  const lines: string[] = [];
  const logger = pinoLogger(
    'info',
    (line) => lines.push(line),
    () => Date.UTC(2026, 0, 31, 12),
  );
  const error = new Error('no');
  error.stack = 'Error: no\n    at somewhere';
  logger.child({ component: 'log' }).warn({ offset: 7n, error }, 'odd');
  logger.debug({}, 'unheard');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [
      {
        level: 'warn',
        time: '2026-01-31T12:00:00.000Z',
        component: 'log',
        offset: '7',
        error: { name: 'Error', message: 'no', stack: 'Error: no\n    at somewhere' },
        message: 'odd',
      },
    ],
  );
  assert.ok(lines[0]?.endsWith('\n'));
});
