export { ApiError } from './api-error.ts';
export * from './generated/index.ts';
export type { ApiInfo, ApiListener, VersionRange } from './wire/api-info.ts';
export type { ApiCodec, CoordinatorRecordCodec, MessageCodec, TypedRecordCodec } from './wire/codec.ts';
export { ProtocolError } from './wire/errors.ts';
export {
  apiInfo,
  decodeRequestFrame,
  decodeResponseFrame,
  type EncodeBody,
  encodeRequestFrame,
  encodeResponseFrame,
  isKnownVersion,
  type RequestFrame,
  type ResponseFrame,
  requestHeaderVersion,
  responseHeaderVersion,
} from './wire/frames.ts';
export { Reader } from './wire/reader.ts';
export { EMPTY_BYTES, type ExternalBytes, type RecordsPayload, type TaggedField } from './wire/values.ts';
export { Writer } from './wire/writer.ts';
