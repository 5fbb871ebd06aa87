import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LevelledLogger, LogLevels } from './log-levels.ts';
import { type Logger, silentLogger } from './logger.ts';

function recording(lines: string[]): Logger {
  const at = (level: string) => (_fields: object, message: string) => void lines.push(`${level} ${message}`);
  const logger: Logger = {
    ...silentLogger,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
}

test('levels are root’s unless a logger has its own, and take effect at once', () => {
  const lines: string[] = [];
  const levels = new LogLevels('INFO');
  const root = new LevelledLogger(recording(lines), levels);
  const raft = root.child({ component: 'raft' });
  const partition = raft.child({ partition: 3 });
  partition.debug({}, 'unheard');
  levels.set('raft', 'DEBUG');
  partition.debug({}, 'heard');
  root.debug({}, 'unheard');
  levels.set('root', 'ERROR');
  root.warn({}, 'unheard');
  raft.debug({}, 'still heard');
  levels.set('raft', undefined);
  raft.warn({}, 'unheard');
  levels.set('raft', 'FATAL');
  raft.error({}, 'unheard');
  root.error({}, 'heard');
  assert.deepEqual(lines, ['debug heard', 'debug still heard', 'error heard']);
  assert.deepEqual(levels.names(), ['root', 'raft']);
  levels.set('root', undefined);
  assert.equal(levels.levelOf('root'), 'ERROR', 'root keeps its level');
});

test('a logger with levels is not wrapped again', () => {
  const logger = LevelledLogger.over(silentLogger);
  assert.equal(LevelledLogger.over(logger), logger);
  assert.equal(logger.levels.levelOf('root'), 'INFO');
});
