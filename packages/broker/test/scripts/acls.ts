/** Access control entries, asked of nodes without an authorizer. */
import {
  ApiKey,
  newAclCreation,
  newCreateAclsRequest,
  newDeleteAclsFilter,
  newDeleteAclsRequest,
  newDescribeAclsRequest,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';

const [UNKNOWN, ANY, TOPIC, LITERAL, READ, ALLOW] = [0, 1, 2, 3, 3, 3];

const creation = newAclCreation({
  resourceType: TOPIC,
  resourceName: 't',
  resourcePatternType: LITERAL,
  principal: 'User:alice',
  host: '*',
  operation: READ,
  permissionType: ALLOW,
});
const everything = {
  resourceTypeFilter: ANY,
  resourceNameFilter: null,
  patternTypeFilter: ANY,
  principalFilter: null,
  hostFilter: null,
  operation: ANY,
  permissionType: ANY,
};

async function without(r: Recorder, on: string, where: string): Promise<void> {
  const describe = newDescribeAclsRequest(everything);
  await r.call(`entries${where}`, ApiKey.DESCRIBE_ACLS, [1, 3], describe, { on });
  const create = newCreateAclsRequest({ creations: [creation, creation] });
  await r.call(`two new entries${where}`, ApiKey.CREATE_ACLS, [1, 3], create, { on });
  await r.call(`no new entries${where}`, ApiKey.CREATE_ACLS, 3, newCreateAclsRequest(), { on });
  const remove = newDeleteAclsRequest({ filters: [newDeleteAclsFilter(everything)] });
  await r.call(`entries to be removed${where}`, ApiKey.DELETE_ACLS, [1, 3], remove, { on });
}

async function unknown(r: Recorder): Promise<void> {
  const describe = newDescribeAclsRequest({ ...everything, operation: UNKNOWN });
  await r.call('entries of an unknown operation', ApiKey.DESCRIBE_ACLS, 3, describe);
  const create = newCreateAclsRequest({ creations: [{ ...creation, resourceType: UNKNOWN }] });
  await r.call('a new entry of an unknown type', ApiKey.CREATE_ACLS, 3, create);
  const filter = newDeleteAclsFilter({ ...everything, permissionType: UNKNOWN });
  await r.call('unknown entries to be removed', ApiKey.DELETE_ACLS, 3, newDeleteAclsRequest({ filters: [filter] }));
}

export const aclsScript: Script = {
  name: 'acls',
  run: async (r) => {
    await without(r, 'main', '');
    await without(r, 'controller', ', at the controller');
    await unknown(r);
  },
};
