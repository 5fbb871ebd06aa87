/** Over which time clients and connections are held to rates: `quota.window.num` and `quota.window.size.seconds`. */
import type { BrokerConfig } from '@skarab/config';
import type { RateWindows } from '@skarab/network';

export function quotaWindowsOf(config: BrokerConfig): RateWindows {
  return { count: config.get('quota.window.num'), sizeMs: config.get('quota.window.size.seconds') * 1000 };
}
