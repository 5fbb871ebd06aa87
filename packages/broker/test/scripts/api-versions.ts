/**
 * ApiVersions, and what a broker does with versions and APIs that it does not serve.
 *
 * The table of APIs is recorded by the names that a broker does serve; api-table.ts compares it whole.
 */
import {
  ApiKey,
  type ApiVersionsResponse,
  apiCodecs,
  newApiVersionsRequest,
  newMetadataRequest,
  Reader,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import { render } from '../transcript/render.ts';
import type { Script } from '../transcript/script.ts';

const client = { clientSoftwareName: 'raw-client', clientSoftwareVersion: '1.0' };

const withoutTable = ({ apiKeys, ...rest }: ApiVersionsResponse): unknown => ({
  ...rest,
  listsItself: apiKeys.filter(({ apiKey }) => apiKey === ApiKey.API_VERSIONS),
});

/** A request header by hand: for APIs and versions that no codec knows. */
function header(apiKey: number, version: number, correlationId: number, flexible: boolean): Buffer {
  const bytes = Buffer.alloc(8 + 2 + (flexible ? 1 : 0));
  bytes.writeInt16BE(apiKey, 0);
  bytes.writeInt16BE(version, 2);
  bytes.writeInt32BE(correlationId, 4);
  bytes.writeInt16BE(-1, 8);
  return bytes;
}

const framed = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length, 0);
  return Buffer.concat([length, bytes]);
};

async function known(r: Recorder): Promise<void> {
  const api = ApiKey.API_VERSIONS;
  await r.call<ApiVersionsResponse>(
    'known versions',
    api,
    [0, 4],
    (version) => newApiVersionsRequest(version >= 3 ? client : {}),
    { show: withoutTable },
  );
  await r.call<ApiVersionsResponse>('no software name', api, [3, 4], newApiVersionsRequest(), { show: withoutTable });
  await r.call<ApiVersionsResponse>(
    'a bad software name',
    api,
    4,
    newApiVersionsRequest({ ...client, clientSoftwareName: 'no spaces' }),
    { show: withoutTable },
  );
  await r.call<ApiVersionsResponse>(
    'a bad software version',
    api,
    3,
    newApiVersionsRequest({ ...client, clientSoftwareVersion: '-1-' }),
    { show: withoutTable },
  );
}

async function unknownVersions(r: Recorder): Promise<void> {
  for (const version of [5, 32767, -1]) {
    const connection = await r.client(`unknown ${version}`);
    const answer = connection.answerTo(4711, `ApiVersions v${version}`, 3_000).then(
      (frame) => {
        const reader = new Reader(frame.subarray(4));
        const response = apiCodecs.get(ApiKey.API_VERSIONS)?.response.decode(reader, 0) as ApiVersionsResponse;
        reader.expectEnd();
        return { errorCode: response.errorCode, apiKeys: response.apiKeys };
      },
      (error: Error) => error.name,
    );
    connection.write(framed(Buffer.concat([header(ApiKey.API_VERSIONS, version, 4711, true), Buffer.from([0, 0, 0])])));
    r.note(`ApiVersions of the unknown version ${version}`, await answer);
    if (!connection.isClosed) {
      const { brokers } = await connection.call<{ brokers: object[] }>(
        ApiKey.METADATA,
        1,
        newMetadataRequest({ topics: [] }),
      );
      r.note(`then, after version ${version}, the connection serves`, brokers.length);
    }
  }
}

async function unserved(r: Recorder): Promise<void> {
  const cases: readonly (readonly [string, number, number])[] = [
    ['an unknown API key', 1000, 0],
    ['a negative API key', -1, 0],
    ['an API removed in 4.0', ApiKey.LEADER_AND_ISR, 0],
    ['an API of controllers only', ApiKey.VOTE, 0],
    ['a version too high', ApiKey.METADATA, 14],
    ['a negative version', ApiKey.METADATA, -1],
    ['Produce v2', ApiKey.PRODUCE, 2],
    ['Fetch v3', ApiKey.FETCH, 3],
  ];
  for (const [title, apiKey, version] of cases) {
    const connection = await r.client(title);
    connection.write(framed(Buffer.concat([header(apiKey, version, 1, false), Buffer.alloc(20)])));
    r.note(title, (await connection.closesWithin(3_000)) ? 'connection closed' : render('still open'));
  }
}

export const apiVersionsScript: Script = {
  name: 'api-versions',
  run: async (r) => {
    await known(r);
    await unknownVersions(r);
    await unserved(r);
  },
};
