/**
 * The null broker as a program: `node null-broker/main.ts PORT`.
 */
import { NullBroker } from './null-broker.ts';

const broker = new NullBroker(Number(process.argv[2] ?? 0));
await broker.start();
process.stdout.write(`null broker on 127.0.0.1:${broker.port}\n`);
process.on('SIGTERM', () => {
  void broker.stop().then(() => process.exit(0));
});
