/**
 * Failover times of one cluster as a line of JSON on stdout, progress on stderr; `npm run bench -- --scenario 'failover*'` runs it by turns.
 *
 * Usage: node durability/failover/main.ts [--jvm-heap 1g] [--work DIR] [--property NAME=VALUE]...
 *   --jvm-heap  measures JVM Kafka with this heap and the flags of its own start script
 *   --work      where data folders are made
 *
 * Ends, with its nodes, when its standard input does.
 */
import { parseArgs } from 'node:util';
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { skarab } from '../../tools/raw-client/brokers.ts';
import { measureFailover } from './failover.ts';

const JVM_FLAGS =
  '-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent';

const { values } = parseArgs({
  options: {
    'jvm-heap': { type: 'string' },
    work: { type: 'string' },
    property: { type: 'string', multiple: true, default: [] },
  },
});
const heap = values['jvm-heap'];
if (values.work !== undefined) process.env['TMPDIR'] = values.work;
if (heap !== undefined) {
  process.env['KAFKA_HEAP_OPTS'] = `-Xms${heap} -Xmx${heap}`;
  process.env['KAFKA_JVM_PERFORMANCE_OPTS'] = JVM_FLAGS;
}
process.stdin.on('end', () => process.exit(1)).resume();
process.once('SIGTERM', () => process.exit(1));
const distribution = heap === undefined ? skarab : await requireKafkaJvm();
if (distribution === undefined) throw new Error('there is no JVM Kafka on this machine');
const times = await measureFailover({
  distribution,
  properties: Object.fromEntries(
    values.property.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  ),
  say: (line) => void process.stderr.write(`  ${line}\n`),
});
process.stdout.write(`${JSON.stringify(times)}\n`);
process.exit(0);
