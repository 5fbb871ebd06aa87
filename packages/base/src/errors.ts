/**
 * The exceptions of Skarab: failed promises to a caller (expected outcomes are values, broken invariants are `assert`).
 *
 * One small tree under `KafkaError`; users match on `code`, never on the class or the text. Protocol error codes live in
 * `@skarab/protocol`, which adds `ApiError`.
 */

/** Base of every exception thrown on purpose. `code` is stable and documented; `retriable` says if the same call may succeed later. */
export class KafkaError extends Error {
  override readonly name: string = 'KafkaError';
  readonly code: string;
  readonly retriable: boolean;

  constructor(code: string, message: string, options: { retriable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** The network or the peer broke the conversation: connection refused, reset, timed out, or a frame that cannot be read. */
export class TransportError extends KafkaError {
  override readonly name = 'TransportError';
}

/**
 * A configuration value is not allowed; says which option, which value, and what would be. `text` replaces that sentence for rules about
 * more than one value; `option` is then the first of them, or ''.
 */
export class ConfigError extends KafkaError {
  override readonly name = 'ConfigError';
  readonly option: string;
  readonly value: string | null;

  constructor(option: string, value: string | null, reason: string, text?: string) {
    super('CONFIG', text ?? `Invalid value ${value} for configuration ${option}: ${reason}`);
    this.option = option;
    this.value = value;
  }
}

/** The object is not in a state that allows the call (closed, not started, fenced). */
export class StateError extends KafkaError {
  override readonly name = 'StateError';

  constructor(message: string, options: { cause?: unknown } = {}) {
    super('STATE', message, options);
  }
}

/** Bytes on disk or on the wire do not follow their format; nothing was changed by reading them. */
export class CorruptDataError extends KafkaError {
  override readonly name = 'CorruptDataError';
  /** The file, or '' for bytes that are in no file. */
  readonly file: string;
  /** Position of the damage in bytes from the start of the file or buffer; -1 where unknown. */
  readonly position: number;

  constructor(message: string, where: { file?: string; position?: number; cause?: unknown } = {}) {
    super('CORRUPT_DATA', message, where.cause === undefined ? {} : { cause: where.cause });
    this.file = where.file ?? '';
    this.position = where.position ?? -1;
  }
}

/** The storage below failed: no space, no permission, input/output error. `errno` is the platform's name (ENOSPC, EACCES, EIO …). */
export class StorageError extends KafkaError {
  override readonly name = 'StorageError';
  readonly errno: string;
  readonly path: string;

  constructor(path: string, errno: string, message: string, cause?: unknown) {
    super('STORAGE', message, cause === undefined ? {} : { cause });
    this.errno = errno;
    this.path = path;
  }
}
