/**
 * A cleaner and the logs that it cleans, for tests.
 */
import type { Logger } from '@skarab/base';
import { seededRandom } from '@skarab/base';
import { type CleanerSettings, defaultCleanerSettings } from '../src/core/cleaner/cleaner-settings.ts';
import { LogCleaner, type LogCleanerOptions } from '../src/host/cleaner/log-cleaner.ts';
import type { PartitionLog } from '../src/index.ts';
import { LOG_DIR, type LogFixture } from '../src/testing/log-fixture.ts';

export interface CleanerFixtureOptions extends Partial<Omit<LogCleanerOptions, 'settings'>> {
  readonly settings?: Partial<CleanerSettings>;
  readonly logger?: Logger;
}

/** A cleaner of the given logs, which may change. */
export function cleanerOf(
  { host, clock, storage }: LogFixture,
  logs: readonly PartitionLog[],
  { settings, logger, ...options }: CleanerFixtureOptions = {},
): LogCleaner {
  return new LogCleaner(
    {
      ...{ clock, storage, logger: logger ?? host.logger },
      logs: () => logs.filter((log) => !log.state.isClosed),
      onlineDirectories: () => (host.isOnline(LOG_DIR) ? [LOG_DIR] : []),
      onStorageError: (logDir, error) => host.onStorageError(logDir, error),
    },
    { random: seededRandom(5), ...options, settings: { ...defaultCleanerSettings, ...settings } },
  );
}
