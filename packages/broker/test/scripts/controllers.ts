/**
 * What nodes ask of the controller: envelopes, registration and heartbeats of brokers, in-sync sets, producer ids, directories.
 *
 * Nothing here may disturb the broker under test: all of it is refused, dry, or about a broker that is none.
 */
import {
  ApiKey,
  type BrokerRegistrationResponse,
  decodeCreateTopicsResponse,
  decodeResponseFrame,
  type EnvelopeResponse,
  encodeCreateTopicsRequest,
  encodeMetadataRequest,
  newAllocateProducerIdsRequest,
  newAlterPartitionRequest,
  newAlterPartitionRequestPartitionData,
  newAlterPartitionRequestTopicData,
  newAssignReplicasToDirsRequest,
  newBrokerHeartbeatRequest,
  newBrokerRegistrationRequest,
  newCreatableTopic,
  newCreateTopicsRequest,
  newEnvelopeRequest,
  newMetadataRequest,
} from '@skarab/protocol';
import { encodePrincipal } from '@skarab/security';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { frameOf } from './inner-frame.ts';

const on = 'controller';
const noBroker = 77;

async function envelopes(r: Recorder): Promise<void> {
  const topic = newCreatableTopic({ name: 'controllers-dry', numPartitions: 1, replicationFactor: 1 });
  const dry = newCreateTopicsRequest({ timeoutMs: 5_000, validateOnly: true, topics: [topic] });
  const requestData = frameOf(ApiKey.CREATE_TOPICS, 5, encodeCreateTopicsRequest, dry);
  const requestPrincipal = encodePrincipal({ type: 'User', name: 'somebody' });
  const clientHostAddress = Buffer.of(127, 0, 0, 1);
  const whole = { requestData, requestPrincipal, clientHostAddress };
  const inner = ({ responseData, ...rest }: EnvelopeResponse): unknown => {
    if (responseData === null || responseData.length === 0) return { ...rest, responseData };
    const { header, body } = decodeResponseFrame(responseData, ApiKey.CREATE_TOPICS, 5);
    return { ...rest, header, body: decodeCreateTopicsResponse(body, 5) };
  };
  const call = (title: string, fields: Partial<typeof whole>) =>
    r.call(title, ApiKey.ENVELOPE, 0, newEnvelopeRequest({ ...whole, ...fields }), { on, show: inner });
  await call('a topic by envelope, dry', {});
  await call('an envelope from an address of version 6', { clientHostAddress: Buffer.alloc(16, 1) });
  await call('an envelope from no address', { clientHostAddress: Buffer.of(1, 2, 3) });
  await call('an envelope of nobody', { requestPrincipal: Buffer.of(0, 9) });
  const metadata = frameOf(ApiKey.METADATA, 9, encodeMetadataRequest, newMetadataRequest());
  await call('an envelope around what may not be passed on', { requestData: metadata });
  await call('an envelope around half a request', { requestData: requestData.subarray(0, requestData.length - 9) });
}

async function brokers(r: Recorder): Promise<void> {
  const registration = newBrokerRegistrationRequest({ brokerId: noBroker, clusterId: 'AAAAAAAAAAAAAAAAAAAAAA' });
  const positive = (response: BrokerRegistrationResponse): unknown => ({ ...response, brokerEpoch: 'left out' });
  await r.call('a broker of another cluster', ApiKey.BROKER_REGISTRATION, [0, 4], registration, { on, show: positive });
  const heartbeat = newBrokerHeartbeatRequest({ brokerId: noBroker, brokerEpoch: 5n });
  await r.call('a heartbeat of a broker that is none', ApiKey.BROKER_HEARTBEAT, [0, 2], heartbeat, { on });
  const stale = newBrokerHeartbeatRequest({ brokerId: 1, brokerEpoch: 0n });
  await r.call('a heartbeat of an older life', ApiKey.BROKER_HEARTBEAT, [0, 2], stale, { on });
  const isr = newAlterPartitionRequest({ brokerId: 1, brokerEpoch: 0n });
  await r.call('in-sync sets of nothing, in an older life', ApiKey.ALTER_PARTITION, [2, 3], isr, { on });
  const partition = newAlterPartitionRequestPartitionData();
  isr.topics.push(newAlterPartitionRequestTopicData({ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions: [partition] }));
  await r.call('in-sync sets of an older life', ApiKey.ALTER_PARTITION, [2, 3], isr, { on });
  const ids = newAllocateProducerIdsRequest({ brokerId: noBroker, brokerEpoch: 5n });
  await r.call('producer ids for a broker that is none', ApiKey.ALLOCATE_PRODUCER_IDS, 0, ids, { on });
  const directories = newAssignReplicasToDirsRequest({ brokerId: noBroker, brokerEpoch: 5n });
  await r.call('directories of a broker that is none', ApiKey.ASSIGN_REPLICAS_TO_DIRS, 0, directories, { on });
}

export const controllersScript: Script = {
  name: 'controllers',
  run: async (r) => {
    await envelopes(r);
    await brokers(r);
  },
};
