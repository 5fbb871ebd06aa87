import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { ConfigError, CorruptDataError } from '@skarab/base';
import {
  decodeCleanShutdown,
  decodeEpochs,
  decodeOffsets,
  decodePartitionMetadata,
  encodeCleanShutdown,
  encodeEpochs,
  encodeOffsets,
  encodePartitionMetadata,
} from './checkpoint-text.ts';
import { offsetOfFileName, parseLogDirectoryName, segmentFileName, transientDirectoryName } from './file-names.ts';
import { defaultLogConfig, maxSegmentMs, parseLogConfig } from './log-config.ts';
import { decodeMetaProperties, encodeMetaProperties } from './meta-properties.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('segment files are named by twenty digits', () => {
  assert.equal(segmentFileName(0, '.log'), '00000000000000000000.log');
  assert.equal(segmentFileName(1234567890123456, '.timeindex', '.deleted'), '00001234567890123456.timeindex.deleted');
  assert.equal(offsetOfFileName('00000000000000000042.index'), 42);
  assert.equal(offsetOfFileName('00001234567890123456.timeindex.deleted'), 1234567890123456);
  assert.equal(offsetOfFileName('leader-epoch-checkpoint'), null);
  assert.equal(offsetOfFileName('99999999999999999999.log'), null);
});

test('folder names tell the partition and its state', () => {
  const parsed = (name: string): unknown => parseLogDirectoryName(name);
  assert.deepEqual(parsed('a-b-12'), { topic: 'a-b', partition: 12, state: 'current' });
  assert.deepEqual(parsed('a.x-0'), { topic: 'a.x', partition: 0, state: 'current' });
  assert.deepEqual(parsed('a-0.0123abcd-delete'), { topic: 'a', partition: 0, state: 'delete' });
  assert.deepEqual(parsed('a-0.0123abcd-future'), { topic: 'a', partition: 0, state: 'future' });
  assert.deepEqual(parsed('a-0.0123abcd-stray'), { topic: 'a', partition: 0, state: 'stray' });
  for (const name of ['lost+found', '-1', 'a-', 'a-x', 'a-99999999999', 'a']) assert.equal(parsed(name), null);
});

test('the name of a folder that is set aside stays within what file systems allow', () => {
  const id = '0123456789abcdef0123456789abcdef';
  const long = { topic: 't'.repeat(249), partition: 123 };
  assert.equal(transientDirectoryName({ topic: 'a', partition: 1 }, 'delete', id), `a-1.${id}-delete`);
  const name = transientDirectoryName(long, 'delete', id);
  assert.equal(name.length, 255);
  assert.deepEqual(parseLogDirectoryName(name), { topic: 't'.repeat(211), partition: 123, state: 'delete' });
  assert.ok(transientDirectoryName(long, 'future', id).startsWith(long.topic));
});

test('checkpoints of offsets go both ways', () => {
  const entries = [
    { topic: 'a', partition: 0, offset: 12 },
    { topic: 'b-c', partition: 3, offset: 9_000_000_000_000 },
  ];
  const bytes = encodeOffsets(entries);
  assert.equal(text(bytes), '0\n2\na 0 12\nb-c 3 9000000000000\n');
  assert.deepEqual(
    [...decodeOffsets(bytes, 'f')],
    [
      ['a-0', entries[0]],
      ['b-c-3', entries[1]],
    ],
  );
  assert.equal(text(encodeOffsets([])), '0\n0\n');
  assert.deepEqual([...decodeOffsets(encodeOffsets([]), 'f')], []);
  assert.deepEqual([...decodeOffsets(null, 'f')], []);
  assert.deepEqual([...decodeOffsets(Buffer.from(''), 'f')], []);
});

test('checkpoints that make no sense are refused', () => {
  const broken = [
    '1\n0\n',
    '0\n2\na 0 1\n',
    '0\n1\na 0\n',
    '0\n1\na 0 x\n',
    '0\nx\n',
    '0\n1\na 0 1 2\n',
    '0\n0\na 0 1\n',
  ];
  for (const content of broken) {
    assert.throws(() => decodeOffsets(Buffer.from(content), 'f'), CorruptDataError, content);
  }
});

test('leader epochs go both ways', () => {
  const entries = [
    { epoch: 0, startOffset: 0 },
    { epoch: 5, startOffset: 120 },
  ];
  assert.equal(text(encodeEpochs(entries)), '0\n2\n0 0\n5 120\n');
  assert.deepEqual(decodeEpochs(encodeEpochs(entries), 'f'), entries);
});

test('partition metadata holds the topic id', () => {
  const id = '5L6g3nShT-eMCtK--X86sw';
  assert.equal(text(encodePartitionMetadata(id)), `version: 0\ntopic_id: ${id}`);
  assert.equal(decodePartitionMetadata(encodePartitionMetadata(id), 'f'), id);
  assert.equal(decodePartitionMetadata(Buffer.from(`version: 1\ntopic_id: ${id}\nmore: x\n`), 'f'), id);
  assert.equal(decodePartitionMetadata(null, 'f'), null);
  for (const content of ['', 'version: 0', 'version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA', 'version: 0\ntopic_id: x']) {
    assert.throws(() => decodePartitionMetadata(Buffer.from(content), 'f'), CorruptDataError);
  }
});

test('the mark of an orderly stop holds the broker epoch', () => {
  assert.equal(text(encodeCleanShutdown(77)), '{"version":0,"brokerEpoch":77}');
  assert.equal(decodeCleanShutdown(encodeCleanShutdown(-1)), -1);
  assert.equal(decodeCleanShutdown(Buffer.from('')), null);
});

test('meta.properties go both ways, and are read as Java writes them', () => {
  const properties = { version: 1, clusterId: 'c-1', nodeId: 3, directoryId: '5L6g3nShT-eMCtK--X86sw' };
  const bytes = encodeMetaProperties(properties, 'Sat Nov 21 11:00:00 UTC 2026');
  assert.equal(
    text(bytes),
    '#\n#Sat Nov 21 11:00:00 UTC 2026\nnode.id=3\ndirectory.id=5L6g3nShT-eMCtK--X86sw\nversion=1\ncluster.id=c-1\n',
  );
  assert.deepEqual(decodeMetaProperties(bytes, 'f'), properties);
  assert.deepEqual(decodeMetaProperties(Buffer.from('broker.id = 7\n# x\n'), 'f'), {
    version: 0,
    clusterId: null,
    nodeId: 7,
    directoryId: null,
  });
  const broken = ['version=1\nnode.id=1', 'version=1\ncluster.id=x', 'version=2', 'version=1\ncluster.id=x\nnode.id=y'];
  for (const content of broken) assert.throws(() => decodeMetaProperties(Buffer.from(content), 'f'), CorruptDataError);
});

test("a log's configuration is read from a topic's texts", () => {
  const config = parseLogConfig({
    'segment.bytes': '1048576',
    'cleanup.policy': 'compact, delete',
    'retention.ms': '-1',
    'flush.messages': '9223372036854775807',
    'min.cleanable.dirty.ratio': '0.25',
    'message.timestamp.type': 'LogAppendTime',
    'compression.type': 'zstd',
    'compression.zstd.level': '5',
    preallocate: 'true',
    'unknown.to.the.log': 'x',
  });
  assert.deepEqual(config, {
    ...defaultLogConfig,
    segmentBytes: 1048576,
    compact: true,
    delete: true,
    retentionMs: -1,
    flushMessages: Number.POSITIVE_INFINITY,
    minCleanableDirtyRatio: 0.25,
    messageTimestampType: 'LogAppendTime',
    compressionType: 'zstd',
    compressionZstdLevel: 5,
    preallocate: true,
  });
  assert.equal(parseLogConfig({ 'segment.bytes': '2000000', 'internal.segment.bytes': '100' }).segmentBytes, 100);
  assert.deepEqual(parseLogConfig({ 'cleanup.policy': '' }), { ...defaultLogConfig, delete: false });
  const broken = {
    'segment.bytes': '1x',
    preallocate: 'yes',
    'compression.type': 'brotli',
    'cleanup.policy': 'x',
    'message.timestamp.type': 'y',
  };
  for (const [option, value] of Object.entries(broken)) {
    assert.throws(
      () => parseLogConfig({ [option]: value }),
      (error) => error instanceof ConfigError && error.option === option,
    );
  }
});

test('a compacted log rolls after the maximum compaction lag', () => {
  assert.equal(maxSegmentMs({ ...defaultLogConfig, segmentMs: 100, maxCompactionLagMs: 50 }), 100);
  assert.equal(maxSegmentMs({ ...defaultLogConfig, compact: true, segmentMs: 100, maxCompactionLagMs: 50 }), 50);
});
