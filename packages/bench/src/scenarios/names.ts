/**
 * Sizes as they are written in names and sentences.
 */

/** `100b`, `1k`, `100k`, `1m`. */
export function sizeName(bytes: number): string {
  if (bytes >= 1 << 20) return `${bytes >> 20}m`;
  return bytes >= 1024 ? `${bytes >> 10}k` : `${bytes}b`;
}

/** `100 B`, `1 KiB`, `1 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes >= 1 << 20) return `${bytes >> 20} MiB`;
  return bytes >= 1024 ? `${bytes >> 10} KiB` : `${bytes} B`;
}
