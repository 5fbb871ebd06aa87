/** What `npm run generate` compiles to WebAssembly for src/codec/block-decoder.ts. */
export { decodeLz4 } from './lz4';
export { decodeSnappy } from './snappy';
