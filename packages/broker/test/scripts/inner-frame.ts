/** The request that an envelope holds. */
import { encodeRequestFrame } from '@skarab/protocol';

const LENGTH_BYTES = 4;

/** A request with its header, without its length. */
export function frameOf<M>(
  apiKey: number,
  version: number,
  encode: Parameters<typeof encodeRequestFrame<M>>[1],
  message: M,
): Uint8Array {
  const header = { requestApiKey: apiKey, requestApiVersion: version, correlationId: 99, clientId: 'inner' };
  return Buffer.concat(encodeRequestFrame(header, encode, message) as Uint8Array[]).subarray(LENGTH_BYTES);
}
