import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AclOperation, ResourceType } from '@skarab/security';
import { OPERATIONS, PERMISSION_TYPES } from '../image/acl-names.ts';
import type { AclsImage, StandardAcl } from '../image/acls-image.ts';
import { PersistentMap } from '../persistent-map.ts';
import { StandardAuthorizer } from './standard-authorizer.ts';

const [LITERAL, PREFIXED] = [3, 4];
const TOPIC = 2;

/** `ALLOW READ orders`, and what is not usual about it. */
function entry(text: string, fields: Partial<StandardAcl> = {}): StandardAcl {
  const [permission = '', operation = '', name = ''] = text.split(' ');
  const isPrefix = name.endsWith('…');
  return {
    resourceType: TOPIC,
    resourceName: isPrefix ? name.slice(0, -1) : name,
    patternType: isPrefix ? PREFIXED : LITERAL,
    principal: 'User:alice',
    host: '*',
    operation: OPERATIONS.indexOf(operation),
    permissionType: PERMISSION_TYPES.indexOf(permission),
    ...fields,
  };
}

function imageOf(...entries: (string | StandardAcl)[]): AclsImage {
  let acls = PersistentMap.empty<StandardAcl>();
  for (const [i, acl] of entries.entries()) acls = acls.set(`id${i}`, typeof acl === 'string' ? entry(acl) : acl);
  return { acls };
}

function authorizer(acls: AclsImage | undefined, { allowsWithoutAcl = false } = {}) {
  const superUsers = new Set(['User:root']);
  const standard = new StandardAuthorizer({ acls: () => acls, superUsers, allowsWithoutAcl });
  const action = (operation: string, name: string, host: string) => ({
    principal: { type: 'User', name },
    host,
    operation: operation as AclOperation,
    resourceType: 'TOPIC' as ResourceType,
  });
  return {
    may: (operation: string, resourceName: string, name = 'alice', host = '10.0.0.1') =>
      standard.authorize({ ...action(operation, name, host), resourceName }),
    mayAny: (operation: string, name = 'alice') =>
      standard.authorizeByResourceType(action(operation, name, '10.0.0.1')),
  };
}

test('what an entry allows is allowed, nothing else', () => {
  const { may } = authorizer(
    imageOf('ALLOW READ orders', 'ALLOW WRITE logs…', entry('ALLOW READ *', { host: '10.0.0.9' })),
  );
  assert.equal(may('READ', 'orders'), true);
  assert.equal(may('WRITE', 'orders'), false);
  assert.equal(may('READ', 'orders', 'bob'), false);
  assert.equal(may('WRITE', 'logs-1'), true);
  assert.equal(may('WRITE', 'log'), false);
  assert.equal(may('READ', 'other'), false);
  assert.equal(may('READ', 'other', 'alice', '10.0.0.9'), true);
});

test('a denial wins, of the name, of a prefix, of all names, of everybody', () => {
  const allowed = 'ALLOW ALL orders';
  assert.equal(authorizer(imageOf(allowed)).may('READ', 'orders'), true);
  for (const denial of ['DENY READ orders', 'DENY READ or…', 'DENY ALL *']) {
    assert.equal(authorizer(imageOf(allowed, denial)).may('READ', 'orders'), false);
  }
  const ofAll = entry('DENY READ orders', { principal: 'User:*' });
  assert.equal(authorizer(imageOf(allowed, ofAll)).may('READ', 'orders'), false);
});

test('who may read, write, delete or alter may describe; who may not read may still', () => {
  for (const operation of ['READ', 'WRITE', 'DELETE', 'ALTER']) {
    assert.equal(authorizer(imageOf(`ALLOW ${operation} t`)).may('DESCRIBE', 't'), true);
  }
  assert.equal(authorizer(imageOf('ALLOW ALTER_CONFIGS t')).may('DESCRIBE_CONFIGS', 't'), true);
  assert.equal(authorizer(imageOf('ALLOW CREATE t')).may('DESCRIBE', 't'), false);
  assert.equal(authorizer(imageOf('ALLOW WRITE t', 'DENY READ t')).may('DESCRIBE', 't'), true);
});

test('the default holds for resources that no entry is about; super users may everything, others nothing before the entries are there', () => {
  const open = authorizer(imageOf(entry('ALLOW READ t', { principal: 'User:bob' })), { allowsWithoutAcl: true });
  assert.equal(open.may('READ', 'other'), true);
  assert.equal(open.may('READ', 't'), false);
  assert.equal(authorizer(imageOf('DENY ALL *')).may('READ', 't', 'root'), true);
  assert.equal(authorizer(undefined, { allowsWithoutAcl: true }).may('READ', 't'), false);
  assert.equal(authorizer(undefined).may('READ', 't', 'root'), true);
});

test('whether some resource may be written, as an idempotent producer asks', () => {
  assert.equal(authorizer(imageOf('ALLOW WRITE t')).mayAny('WRITE'), true);
  assert.equal(authorizer(imageOf('ALLOW READ t')).mayAny('WRITE'), false);
  assert.equal(authorizer(imageOf('ALLOW WRITE t', 'DENY WRITE t')).mayAny('WRITE'), false);
  assert.equal(authorizer(imageOf('ALLOW WRITE t…', 'DENY WRITE t')).mayAny('WRITE'), true);
  assert.equal(authorizer(imageOf('ALLOW WRITE topic', 'DENY WRITE t…')).mayAny('WRITE'), false);
  assert.equal(authorizer(imageOf('ALLOW WRITE t', 'DENY ALL *')).mayAny('WRITE'), false);
  assert.equal(authorizer(imageOf()).mayAny('WRITE'), false);
  assert.equal(authorizer(imageOf(), { allowsWithoutAcl: true }).mayAny('WRITE'), true);
  assert.equal(authorizer(imageOf('DENY ALL *')).mayAny('WRITE', 'root'), true);
});
