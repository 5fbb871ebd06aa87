import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import type { DynamicBrokerConfig } from '@skarab/config';
import { EMPTY_IMAGE, type LoaderManifest, MetadataDelta, type MetadataImage } from '@skarab/metadata';
import { BrokerMetadataPublisher } from './broker-metadata-publisher.ts';
import { MetadataCache } from './metadata-cache.ts';

const UPDATES = 20_000;
const manifest = {} as LoaderManifest;

function imageAt(lastContainedOffset: number): MetadataImage {
  return { ...EMPTY_IMAGE, provenance: { ...EMPTY_IMAGE.provenance, lastContainedOffset } };
}

test('many updates that waited for a long one are applied in order, in turns', async () => {
  const clock = new ManualClock(0);
  const cache = new MetadataCache();
  let finishFirst: (() => void) | undefined;
  let applied = 0;
  const publisher = new BrokerMetadataPublisher({
    nodeId: 1,
    cache,
    replicas: {
      stepsOf: () => [],
      onTopicConfigChanged: () => {},
      setStraysAside: () => {},
      run: (_steps, done) => {
        if (applied++ === 0) finishFirst = done;
        else {
          if (applied % 1000 === 0) clock.advance(1);
          done();
        }
      },
    },
    config: {} as DynamicBrokerConfig,
    onPublished: () => {},
    onTopicsDeleted: () => {},
    onControllerChange: () => {},
    clock,
    logger: silentLogger,
  });
  for (let offset = 0; offset < UPDATES; offset++) {
    publisher.onMetadataUpdate(new MetadataDelta(EMPTY_IMAGE), imageAt(offset), manifest);
  }
  const last = publisher.whenPublished(UPDATES - 1);
  assert.equal(applied, 1);
  assert.equal(cache.image, EMPTY_IMAGE);

  finishFirst?.();
  assert.equal(cache.image.provenance.lastContainedOffset, 3999);
  while (applied < UPDATES) clock.runSoon();
  assert.equal(cache.image.provenance.lastContainedOffset, UPDATES - 1);
  await last;
});
