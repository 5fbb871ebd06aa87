export { type Fault, FaultyStorage } from './faulty-storage.ts';
export { MemoryStorage, type MemoryStorageOptions, type StorageOperation } from './memory-storage.ts';
export { type StorageUnderTest, storageContract } from './storage-contract.ts';
