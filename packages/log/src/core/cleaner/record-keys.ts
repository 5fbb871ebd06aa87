/**
 * Steps through the records of a batch for what compaction wants of them: offset, key, and whether there is a value.
 *
 * Everything behind that is passed over by the record's size, so that headers are never decoded.
 * Shape: see `record.ts` of the records package.
 */
import { CorruptDataError } from '@skarab/base';
import { decompress, type RecordBatch } from '@skarab/records';

export class RecordKeys {
  /** Of the current record, valid until the next step; `key` is a view of the batch or of what it decompresses to. */
  offset = -1;
  key: Uint8Array | null = null;
  hasValue = false;
  readonly #bytes: Uint8Array;
  readonly #baseOffset: number;
  #left: number;
  #position = 0;

  /** Of a batch whose CRC was checked. Errors: `CorruptDataError`. */
  constructor(batch: RecordBatch) {
    this.#left = batch.recordCount;
    this.#baseOffset = batch.baseOffset;
    this.#bytes = this.#left === 0 ? batch.recordBytes : decompress(batch.compressionType, batch.recordBytes);
    if (this.#left < 0) throw this.#corrupt(`${this.#left} records announced`);
  }

  /** Goes to the next record; returns whether there is one. Errors: `CorruptDataError`. */
  next(): boolean {
    if (this.#left === 0) return false;
    const size = this.#varint();
    const end = this.#position + size;
    if (size < 0 || end > this.#bytes.length) throw this.#corrupt(`a record of ${size} bytes`);
    this.#position++;
    this.#skipVarlong();
    this.offset = this.#baseOffset + this.#varint();
    const keySize = this.#varint();
    const keyStart = this.#position;
    this.#position += Math.max(keySize, 0);
    this.hasValue = this.#varint() >= 0;
    if (this.#position > end) throw this.#corrupt('a key beyond its record');
    this.key = keySize < 0 ? null : this.#bytes.subarray(keyStart, keyStart + keySize);
    this.#position = end;
    if (--this.#left === 0 && end !== this.#bytes.length) throw this.#corrupt('bytes behind the last record');
    return true;
  }

  #varint(): number {
    let byte = this.#byte();
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      if (shift > 28) throw this.#corrupt('an integer of more than 5 bytes');
      byte = this.#byte();
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  #skipVarlong(): void {
    while (this.#byte() > 0x7f);
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw this.#corrupt('premature end');
    return byte;
  }

  #corrupt(what: string): CorruptDataError {
    return new CorruptDataError(`Invalid records in the batch at offset ${this.#baseOffset}: ${what}`, {
      position: this.#position,
    });
  }
}
