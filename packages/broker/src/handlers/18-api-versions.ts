/**
 * ApiVersions (18), versions 0-4: which APIs and features this listener serves.
 *
 * v3+ KIP-482 flexible, KIP-511 the client names itself; KIP-584 features; v4 KIP-896/KAFKA-17011 feature ranges may begin at 0, in
 * older versions such features are left out. Unknown versions are answered by the dispatcher in version 0. ACLs: none; served before authentication.
 */
import {
  ApiKey,
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  decodeApiVersionsRequest,
  ErrorCode,
  encodeApiVersionsResponse,
  newApiVersionsResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';

/** A feature's supported range. */
export interface SupportedFeature {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** What the handler looks up. */
export interface ApiVersionsSource {
  readonly advertised: () => { apiKey: number; minVersion: number; maxVersion: number }[];
  readonly supportedFeatures: readonly SupportedFeature[];
  /** Finalized levels and the offset of the image they come from. */
  readonly finalized: () => { readonly epoch: number; readonly levels: ReadonlyMap<string, number> };
}

/** First version whose clients accept feature ranges that begin at 0. */
const ZERO_RANGES_VERSION = 4;
const CLIENT_SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

export function apiVersionsHandler(source: ApiVersionsSource): ApiHandler<ApiVersionsRequest, ApiVersionsResponse> {
  return {
    apiKey: ApiKey.API_VERSIONS,
    decode: decodeApiVersionsRequest,
    encode: encodeApiVersionsResponse,
    handle: (context, request) => {
      if (context.apiVersion >= 3) {
        const { clientSoftwareName: name, clientSoftwareVersion: version } = request;
        if (!CLIENT_SOFTWARE.test(name) || !CLIENT_SOFTWARE.test(version)) {
          return newApiVersionsResponse({ errorCode: ErrorCode.INVALID_REQUEST });
        }
        context.connection.clientSoftware = { name, version };
      }
      const { epoch, levels } = source.finalized();
      const features = source.supportedFeatures.filter(
        (f) => context.apiVersion >= ZERO_RANGES_VERSION || f.minVersion > 0,
      );
      return newApiVersionsResponse({
        apiKeys: source.advertised().map((api) => ({ ...api })),
        supportedFeatures: features.map((feature) => ({ ...feature })),
        finalizedFeaturesEpoch: BigInt(epoch),
        finalizedFeatures: [...levels].map(([name, level]) => ({
          name,
          maxVersionLevel: level,
          minVersionLevel: level,
        })),
      });
    },
    failure: (_request, errorCode) => newApiVersionsResponse({ errorCode }),
  };
}
