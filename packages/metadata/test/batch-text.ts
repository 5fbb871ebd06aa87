/** Batches as text without what differs from run to run (times, checksums), so that files of two systems can be compared. */
import { iterateBatches } from '@skarab/records';

/** One line per batch and record. */
export function describeBatches(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  let size = 0;
  for (const batch of iterateBatches(bytes)) {
    size += batch.sizeInBytes;
    const { baseOffset, lastOffset, partitionLeaderEpoch, attributes, producerId, producerEpoch, baseSequence } = batch;
    lines.push(
      `batch ${baseOffset}-${lastOffset} epoch ${partitionLeaderEpoch} attributes ${attributes} producer ${producerId}/${producerEpoch}/${baseSequence}`,
    );
    for (const { key, value, headers } of batch.records()) {
      lines.push(`  ${hex(key)} ${hex(value)} ${headers.length}`);
    }
  }
  if (size !== bytes.length) lines.push(`${bytes.length - size} bytes of something else`);
  return lines;
}

function hex(bytes: Uint8Array | null): string {
  return bytes === null ? '-' : Buffer.from(bytes).toString('hex');
}
