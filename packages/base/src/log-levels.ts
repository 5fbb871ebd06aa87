/**
 * Levels of loggers that can be changed while the process runs: one of `root`, which all take that have none of their own.
 *
 *     const logger = new LevelledLogger(lines, new LogLevels('INFO'));   // `lines` writes whatever it gets
 *     logger.child({ component: 'raft' });                              // the logger `raft` exists from now on
 *     logger.levels.set('raft', 'DEBUG');
 *
 * A logger is what a line says in its field `component`. Names and levels are those of Kafka's broker loggers (KIP-412).
 */
import type { LogFields, Logger } from './logger.ts';

/** From the one that lets everything through to the one that lets nothing of ours through. */
export const LOGGER_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
export type LoggerLevel = (typeof LOGGER_LEVELS)[number];

/** The logger that all others take their level from. */
export const ROOT_LOGGER = 'root';

/** The loggers of a process and their levels. */
export class LogLevels {
  readonly #own = new Map<string, LoggerLevel | undefined>();

  constructor(root: LoggerLevel) {
    this.#own.set(ROOT_LOGGER, root);
  }

  /** Makes a logger known. */
  register(name: string): void {
    if (!this.#own.has(name)) this.#own.set(name, undefined);
  }

  has(name: string): boolean {
    return this.#own.has(name);
  }

  /** Names of all known loggers, `root` first. */
  names(): string[] {
    return [...this.#own.keys()];
  }

  /** The level in force for a logger. */
  levelOf(name: string): LoggerLevel {
    return this.#own.get(name) ?? (this.#own.get(ROOT_LOGGER) as LoggerLevel);
  }

  /** Gives a logger a level, or with undefined takes it away; `root` always has one. */
  set(name: string, level: LoggerLevel | undefined): void {
    if (name !== ROOT_LOGGER || level !== undefined) this.#own.set(name, level);
  }

  /** Whether a logger lets lines of `level` through. */
  allows(name: string, level: LoggerLevel): boolean {
    return LOGGER_LEVELS.indexOf(level) >= LOGGER_LEVELS.indexOf(this.levelOf(name));
  }
}

/** Lets those lines through to another logger that the levels allow. */
export class LevelledLogger implements Logger {
  readonly levels: LogLevels;
  readonly #inner: Logger;
  readonly #name: string;

  constructor(inner: Logger, levels: LogLevels, name: string = ROOT_LOGGER) {
    this.levels = levels;
    this.#inner = inner;
    this.#name = name;
    levels.register(name);
  }

  /** The logger itself when it has levels, otherwise one over it. */
  static over(logger: Logger): LevelledLogger {
    return logger instanceof LevelledLogger ? logger : new LevelledLogger(logger, new LogLevels('INFO'));
  }

  debug(fields: LogFields, message: string): void {
    if (this.levels.allows(this.#name, 'DEBUG')) this.#inner.debug(fields, message);
  }

  info(fields: LogFields, message: string): void {
    if (this.levels.allows(this.#name, 'INFO')) this.#inner.info(fields, message);
  }

  warn(fields: LogFields, message: string): void {
    if (this.levels.allows(this.#name, 'WARN')) this.#inner.warn(fields, message);
  }

  error(fields: LogFields, message: string): void {
    if (this.levels.allows(this.#name, 'ERROR')) this.#inner.error(fields, message);
  }

  child(fields: LogFields): LevelledLogger {
    const { component } = fields;
    return new LevelledLogger(
      this.#inner.child(fields),
      this.levels,
      typeof component === 'string' ? component : this.#name,
    );
  }
}
