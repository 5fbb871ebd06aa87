/**
 * Decides about AlterConfigs and IncrementalAlterConfigs: resources named once, known, permitted and existing.
 *
 * Source: kafka.server.ControllerApis, org.apache.kafka.controller.QuorumController (ConfigResourceExistenceChecker).
 */
import {
  type AlterConfigsRequest,
  type AlterConfigsResponse,
  type AlterConfigsResponseAlterConfigsResourceResponse,
  ErrorCode,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
  newAlterConfigsResponse,
  newIncrementalAlterConfigsResponse,
} from '@skarab/protocol';
import { type ConfigResource, ConfigResourceType, configResourceTypeOf, keyOf } from '../image/configurations-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ConfigChangeResult, ConfigurationControl } from './configuration-control.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decideAtomically, type ErrorValue, failure } from './decision.ts';
import type { FeatureControl } from './feature-control.ts';
import type { AlterConfigsAccess } from './request-context.ts';

/** Most records of one request. */
const MAX_RECORDS = 10_000;

interface RequestedResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

type ResourceResponse = AlterConfigsResponseAlterConfigsResourceResponse;

/** Decider of requests about configurations. */
export class AlterConfigs {
  readonly #state: ControllerState;
  readonly #configuration: ConfigurationControl;
  readonly #features: FeatureControl;

  constructor(state: ControllerState, configuration: ConfigurationControl, features: FeatureControl) {
    this.#state = state;
    this.#configuration = configuration;
    this.#features = features;
  }

  /** Replaces all configurations of the resources. */
  alter(request: AlterConfigsRequest, access: AlterConfigsAccess): Decision<AlterConfigsResponse> {
    const { records, responses } = this.#each(request.resources, access, (resource, { configs }) => {
      const wanted = new Map(configs.map(({ name, value }) => [name, value]));
      return this.#configuration.legacyAlter(resource, wanted, this.#options(access));
    });
    return decideAtomically(request.validateOnly ? [] : records, newAlterConfigsResponse({ responses }));
  }

  /** Changes single configurations of the resources. */
  incrementalAlter(
    request: IncrementalAlterConfigsRequest,
    access: AlterConfigsAccess,
  ): Decision<IncrementalAlterConfigsResponse> {
    const { records, responses } = this.#each(request.resources, access, (resource, { configs }) => {
      const last = new Map(configs.map((config) => [config.name, config]));
      const changes = [...last.values()].map(({ name, value, configOperation }) => ({
        name,
        value,
        operation: configOperation,
      }));
      return this.#configuration.incrementalAlter(resource, changes, this.#options(access));
    });
    return decideAtomically(request.validateOnly ? [] : records, newIncrementalAlterConfigsResponse({ responses }));
  }

  #options(access: AlterConfigsAccess) {
    return { existence: (resource: ConfigResource) => this.#reasonMissing(resource), forwarded: access.forwarded };
  }

  #each<R extends RequestedResource>(
    requested: readonly R[],
    access: AlterConfigsAccess,
    change: (resource: ConfigResource, request: R) => ConfigChangeResult,
  ): { readonly records: readonly MetadataRecord[]; readonly responses: ResourceResponse[] } {
    const counts = new Map<string, number>();
    for (const request of requested) counts.set(requestKey(request), (counts.get(requestKey(request)) ?? 0) + 1);
    const records: MetadataRecord[] = [];
    const responses: ResourceResponse[] = [];
    for (const request of requested) {
      const count = counts.get(requestKey(request)) ?? 0;
      if (count === 0) continue;
      if (count > 1) {
        // One answer for all of its mentions.
        counts.set(requestKey(request), 0);
        responses.push(responseOf(request, failure(ErrorCode.INVALID_REQUEST, 'Duplicate resource.')));
        continue;
      }
      const result = this.#changeOne(request, access, change);
      if ('error' in result) responses.push(responseOf(request, result.error));
      else if (records.length + result.records.length > MAX_RECORDS) {
        responses.push(responseOf(request, failure(ErrorCode.POLICY_VIOLATION, 'Too many records in one request.')));
      } else {
        records.push(...result.records);
        responses.push(responseOf(request, failure(ErrorCode.NONE)));
      }
    }
    return { records, responses };
  }

  #changeOne<R extends RequestedResource>(
    request: R,
    access: AlterConfigsAccess,
    change: (resource: ConfigResource, request: R) => ConfigChangeResult,
  ): ConfigChangeResult {
    const type = configResourceTypeOf(request.resourceType);
    if (type === ConfigResourceType.UNKNOWN) {
      const message = `Unknown resource type ${request.resourceType}.`;
      return { error: failure(ErrorCode.UNSUPPORTED_VERSION, message) };
    }
    const resource: ConfigResource = { type, name: request.resourceName };
    const forbidden = access.reasonForbidden(resource);
    return forbidden === null ? change(resource, request) : { error: forbidden };
  }

  #reasonMissing(resource: ConfigResource): ErrorValue | null {
    const { type, name } = resource;
    const { topics, cluster } = this.#state.image;
    if (type === ConfigResourceType.TOPIC && !topics.byName.has(name)) {
      return failure(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`);
    }
    if (type !== ConfigResourceType.BROKER || name === '') return null;
    if (!/^[+-]?\d+$/.test(name)) return failure(ErrorCode.INVALID_REQUEST, `Invalid broker name ${name}`);
    const id = Number(name);
    if (cluster.brokers.has(id) || cluster.controllers.has(id) || this.#features.isControllerId(id)) return null;
    return failure(ErrorCode.BROKER_ID_NOT_REGISTERED, `No node with id ${id} found.`);
  }
}

function requestKey({ resourceType, resourceName }: RequestedResource): string {
  const type = configResourceTypeOf(resourceType);
  // Resources of unknown types are answered one by one.
  return type === ConfigResourceType.UNKNOWN ? `?${resourceType}:${resourceName}` : keyOf(type, resourceName);
}

function responseOf({ resourceType, resourceName }: RequestedResource, error: ErrorValue): ResourceResponse {
  return { resourceType, resourceName, errorCode: error.code, errorMessage: error.message };
}
