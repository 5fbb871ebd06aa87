/** AlterUserScramCredentials and DescribeUserScramCredentials: who has which credentials, and every way to ask wrongly. */
import {
  type AlterUserScramCredentialsResponse,
  ApiKey,
  type DescribeUserScramCredentialsResponse,
  newAlterUserScramCredentialsRequest,
  newDescribeUserScramCredentialsRequest,
  newScramCredentialUpsertion,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';

const [UNKNOWN, SHA_256, SHA_512] = [0, 1, 2];

/** Kafka keeps users, and the mechanisms of each, in hash maps. */
const inOrder = {
  show: ({ results, ...rest }: AlterUserScramCredentialsResponse | DescribeUserScramCredentialsResponse): unknown => ({
    ...rest,
    results: results.map(withSortedInfos).sort((a, b) => (a.user < b.user ? -1 : 1)),
  }),
};

function withSortedInfos<R extends { user: string; credentialInfos?: readonly { mechanism: number }[] }>(result: R): R {
  const { credentialInfos } = result;
  if (credentialInfos === undefined) return result;
  return { ...result, credentialInfos: credentialInfos.toSorted((a, b) => a.mechanism - b.mechanism) };
}

function upsertion(name: string, mechanism = SHA_256, iterations = 4096, saltedPassword = new Uint8Array(32).fill(7)) {
  return newScramCredentialUpsertion({ name, mechanism, iterations, salt: Buffer.of(1, 2, 3), saltedPassword });
}

async function altered(r: Recorder): Promise<void> {
  const alter = (title: string, fields: Parameters<typeof newAlterUserScramCredentialsRequest>[0], on = 'main') => {
    const request = newAlterUserScramCredentialsRequest(fields);
    return r.call(title, ApiKey.ALTER_USER_SCRAM_CREDENTIALS, 0, request, { ...inOrder, on });
  };
  await alter('nothing', {});
  await alter('credentials of two', { upsertions: [upsertion('alice'), upsertion('bob', SHA_512, 8192)] });
  await alter('of another mechanism, at the controller', { upsertions: [upsertion('alice', SHA_512)] }, 'controller');
  await alter('too few and too many iterations', {
    upsertions: [upsertion('few', SHA_256, 4095), upsertion('many', SHA_512, 16385)],
  });
  await alter('an unknown mechanism', {
    upsertions: [upsertion('carol', UNKNOWN), upsertion('dave', 3)],
    deletions: [{ name: 'alice', mechanism: 9 }],
  });
  await alter('nobody', { upsertions: [upsertion('')] });
  await alter('somebody twice', { upsertions: [upsertion('carol'), upsertion('carol', SHA_512)] });
  await alter('set and removed', { upsertions: [upsertion('bob')], deletions: [{ name: 'bob', mechanism: SHA_512 }] });
  await alter('removed without being there', {
    deletions: [
      { name: 'bob', mechanism: SHA_256 },
      { name: 'nobody', mechanism: SHA_256 },
    ],
  });
  await alter('an empty password', { upsertions: [upsertion('carol', SHA_256, 4096, new Uint8Array(0))] });
}

async function described(r: Recorder): Promise<void> {
  const describe = (title: string, users: readonly string[] | null, until?: number) => {
    const request = newDescribeUserScramCredentialsRequest({ users: users?.map((name) => ({ name })) ?? null });
    const isThere = ({ results }: DescribeUserScramCredentialsResponse): boolean =>
      results.reduce((count, { credentialInfos }) => count + credentialInfos.length, 0) === until;
    const waiting = until === undefined ? {} : { until: isThere };
    return r.call(title, ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS, 0, request, { ...inOrder, ...waiting });
  };
  await describe('credentials of all', null, 3);
  await describe('credentials of no list', []);
  await describe('credentials of one', ['bob']);
  await describe('credentials of somebody without', ['carol']);
  await describe('credentials of somebody twice', ['alice', 'alice', 'bob']);
}

async function removed(r: Recorder): Promise<void> {
  const remove = (title: string, name: string, mechanism: number) => {
    const request = newAlterUserScramCredentialsRequest({ deletions: [{ name, mechanism }] });
    return r.call(title, ApiKey.ALTER_USER_SCRAM_CREDENTIALS, 0, request);
  };
  await remove('one of two is removed', 'alice', SHA_256);
  await remove('the other is removed', 'alice', SHA_512);
  await remove('the only one is removed', 'bob', SHA_512);
}

export const credentialsScript: Script = {
  name: 'credentials',
  run: async (r) => {
    await altered(r);
    await described(r);
    await removed(r);
  },
};
