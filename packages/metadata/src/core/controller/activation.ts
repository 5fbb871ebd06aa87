/**
 * The records with which a controller begins its time: the bootstrap records of a new cluster, or the end of what its predecessor left.
 *
 * Source: org.apache.kafka.controller.ActivationRecordsGenerator; KIP-868.
 */
import { StateError } from '@skarab/base';
import {
  newAbortTransactionRecord,
  newBeginTransactionRecord,
  newConfigRecord,
  newEndTransactionRecord,
} from '@skarab/protocol';
import { type BootstrapMetadata, bootstrapLevel } from '../bootstrap/bootstrap-metadata.ts';
import { ELR_VERSION_FEATURE } from '../feature/feature.ts';
import { isMetadataTransactionSupported, metadataVersionName } from '../feature/metadata-version.ts';
import { ConfigResourceType } from '../image/configurations-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decide, decideAtomically } from './decision.ts';

const MIN_IN_SYNC_REPLICAS = 'min.insync.replicas';

/** What to write first; the response says in words what is done. Errors: `StateError` for a transaction that cannot be. */
export function activationRecords(
  state: ControllerState,
  bootstrap: BootstrapMetadata,
  defaultMinIsr: string,
): Decision<string> {
  const { metadataVersion } = state.image.features;
  const isOpen = state.transactionStartOffset !== -1;
  if (isOpen && !isMetadataTransactionSupported(metadataVersion ?? bootstrap.metadataVersion)) {
    throw new StateError(
      `A metadata transaction began at offset ${state.transactionStartOffset}, but the metadata.version does not support transactions`,
    );
  }
  if (metadataVersion === null) return bootstrapRecords(bootstrap, isOpen, defaultMinIsr);
  if (!isOpen) return decideAtomically([], 'Performing controller activation.');
  return decideAtomically(
    [abortRecord()],
    `Performing controller activation. Aborting in-progress metadata transaction at offset ${state.transactionStartOffset}.`,
  );
}

function bootstrapRecords(bootstrap: BootstrapMetadata, isOpen: boolean, defaultMinIsr: string): Decision<string> {
  const { records, metadataVersion, source } = bootstrap;
  const message =
    `Performing controller activation. The metadata log appears to be empty. Appending ${records.length} bootstrap record(s) ` +
    `at metadata.version ${metadataVersionName(metadataVersion)} from bootstrap source '${source}'.`;
  // Eligible leader replicas need a minimum of in-sync replicas that does not change with every broker's file.
  const isElr = bootstrapLevel(records, ELR_VERSION_FEATURE) > 0;
  const all = isElr ? [...records, minIsrRecord(defaultMinIsr)] : records;
  if (!isMetadataTransactionSupported(metadataVersion)) return decideAtomically(all, message);
  const begin = newBeginTransactionRecord({ name: 'Bootstrap records' });
  return decide(
    [
      ...(isOpen ? [abortRecord()] : []),
      { type: 'BeginTransactionRecord', version: 0, data: begin },
      ...all,
      { type: 'EndTransactionRecord', version: 0, data: newEndTransactionRecord() },
    ],
    message,
  );
}

function abortRecord(): MetadataRecord {
  const data = newAbortTransactionRecord({ reason: 'Controller failover' });
  return { type: 'AbortTransactionRecord', version: 0, data };
}

function minIsrRecord(value: string): MetadataRecord {
  const data = newConfigRecord({
    resourceType: ConfigResourceType.BROKER,
    resourceName: '',
    name: MIN_IN_SYNC_REPLICAS,
    value,
  });
  return { type: 'ConfigRecord', version: 0, data };
}
