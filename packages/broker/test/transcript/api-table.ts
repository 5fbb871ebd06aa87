/**
 * The table of APIs and versions that a broker announces, and the one that JVM Kafka does, which is kept in testdata/.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiKey, type ApiVersionsResponse, apiInfo, newApiVersionsRequest } from '@skarab/protocol';
import { RawClient } from '../../../../tools/raw-client/raw-client.ts';

const file = join(dirname(fileURLToPath(import.meta.url)), '../testdata/api-table.txt');

/** One line of the table. */
export interface ApiRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** What a broker announces. */
export async function announcedApis(port: number): Promise<ApiRange[]> {
  using client = await RawClient.connect(port);
  const request = newApiVersionsRequest({ clientSoftwareName: 'test', clientSoftwareVersion: '1' });
  const { apiKeys } = await client.call<ApiVersionsResponse>(ApiKey.API_VERSIONS, 4, request);
  return apiKeys
    .sort((a, b) => a.apiKey - b.apiKey)
    .map(({ apiKey, minVersion, maxVersion }) => ({
      name: apiInfo(apiKey)?.name ?? String(apiKey),
      min: minVersion,
      max: maxVersion,
    }));
}

/** As a line of the file. */
export const showRange = ({ name, min, max }: ApiRange): string => `${name} v${min}–v${max}`;

/** The JVM's lines, from the file. */
export const recordedApis = (): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');

/** Writes the file. */
export const recordApis = (lines: readonly string[]): void => writeFileSync(file, `${lines.join('\n')}\n`);
