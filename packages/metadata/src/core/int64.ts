/**
 * The one place where 64-bit numbers of messages become numbers: offsets, broker epochs, producer ids and times all fit 53 bits.
 */
import { CorruptDataError } from '@skarab/base';

/** The number that `value` stands for. Errors: `CorruptDataError` beyond ±2^53. */
export function toNumber(value: bigint): number {
  const result = Number(value);
  if (!Number.isSafeInteger(result)) throw new CorruptDataError(`64-bit value ${value} is out of range`);
  return result;
}
