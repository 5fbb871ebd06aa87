export { AssertionError, assert, unreachable } from './assert.ts';
export { type Clock, systemClock, type Timer } from './clock.ts';
export { ConfigError, CorruptDataError, KafkaError, StateError, StorageError, TransportError } from './errors.ts';
export { LevelledLogger, LOGGER_LEVELS, type LoggerLevel, LogLevels, ROOT_LOGGER } from './log-levels.ts';
export { type LogFields, type Logger, silentLogger } from './logger.ts';
export { crypto } from './node-crypto.ts';
export { type Random, type RandomBytes, seededRandom } from './random.ts';
export { systemRandom } from './system-random.ts';
export { isUuid, METADATA_TOPIC_ID, randomUuid, type Uuid, uuidFromBytes, uuidToBytes, ZERO_UUID } from './uuid.ts';
