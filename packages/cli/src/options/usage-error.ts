/** The command line was wrong: said with the way to the help text, exit code 2. */
import { KafkaError } from '@skarab/base';

export class UsageError extends KafkaError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super('USAGE', message);
  }
}
