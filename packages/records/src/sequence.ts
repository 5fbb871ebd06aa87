/**
 * Arithmetic of producer sequence numbers, which count from 0 to 2^31 - 1 and start over at 0.
 *
 * Source: org.apache.kafka.common.record.internal.DefaultRecordBatch.
 */
const MAX_SEQUENCE = 0x7fffffff;

/** The sequence number `increment` after `sequence`. */
export function incrementSequence(sequence: number, increment: number): number {
  return sequence > MAX_SEQUENCE - increment ? increment - (MAX_SEQUENCE - sequence) - 1 : sequence + increment;
}

/** The sequence number `decrement` before `sequence`. */
export function decrementSequence(sequence: number, decrement: number): number {
  return sequence < decrement ? MAX_SEQUENCE - (decrement - sequence) + 1 : sequence - decrement;
}
