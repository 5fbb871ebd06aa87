/**
 * What `/metrics` says follows what happens: records in and out by topic, topics that come and go, what the controller counts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiKey, newDeleteTopicsRequest } from '@skarab/protocol';
import { renderPrometheus } from '@skarab/telemetry';
import { startInMemoryNode } from './in-memory-node.ts';
import { batch, fetch, makeTopic, produce } from './scripts/messages.ts';
import { Normaliser } from './transcript/normalise.ts';
import { Recorder } from './transcript/recorder.ts';

test('figures of topics and of the controller', { timeout: 30_000 }, async (t) => {
  const node = await startInMemoryNode('/memory', { 'log.dirs': '/memory' });
  t.after(() => node.stop());
  const recorder = new Recorder(node, new Normaliser([]));
  t.after(() => recorder.close());
  const value = (series: string): string | undefined =>
    renderPrometheus(node.metrics)
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1);
  const traffic = 'kafka_server_brokertopicmetrics_';
  const controller = 'kafka_controller_kafkacontroller_';
  assert.equal(value(`${controller}activecontrollercount`), '1');
  assert.equal(value(`${controller}globaltopiccount`), '0');
  assert.equal(value(`${controller}activebrokercount`), '1');
  assert.equal(value(`${traffic}messagesin_total`), '0');

  await makeTopic(recorder, 'metered');
  const records = batch(['a', 'b', 'c']);
  await recorder.call('produce', ApiKey.PRODUCE, 9, produce({ topic: 'metered', records }));
  await recorder.call('fetch', ApiKey.FETCH, 12, fetch({ topic: 'metered' }));
  assert.equal(value(`${traffic}messagesin_total{topic="metered"}`), '3');
  assert.equal(value(`${traffic}bytesin_total{topic="metered"}`), String(records.length));
  assert.equal(value(`${traffic}bytesout_total{topic="metered"}`), String(records.length));
  assert.equal(value(`${traffic}messagesin_total`), '3');
  assert.equal(value(`${controller}globaltopiccount`), '1');
  assert.equal(value(`${controller}offlinepartitionscount`), '0');
  assert.equal(value('kafka_server_replicamanager_underreplicatedpartitions'), '0');
  assert.match(value('kafka_log_logcleanermanager_time_since_last_run_ms') ?? '', /^\d+$/);
  const events = 'kafka_controller_controllereventmanager_eventqueueprocessingtimems_count';
  assert.ok(Number(value(events)) >= 2, 'a registration and a topic at least');

  await recorder.call('delete', ApiKey.DELETE_TOPICS, 4, newDeleteTopicsRequest({ topicNames: ['metered'] }));
  assert.equal(value(`${controller}globaltopiccount`), '0');
  assert.doesNotMatch(renderPrometheus(node.metrics), /topic="metered"/);
  assert.equal(value(`${traffic}messagesin_total`), '3', 'the count of all topics does not go back');
});
