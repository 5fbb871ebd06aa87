/**
 * The two copies that decompression consists of, sixteen bytes at a time while there is room to write past the end.
 *
 * Callers have checked that both lie within their blocks; `limit` is where writing beyond the copy has to stop.
 */

/** Copies `length` bytes from `from` to `to`; reading has to stop at `end`. */
export function copyLiterals(from: usize, end: usize, to: usize, limit: usize, length: usize): void {
  if (length <= 16 && end - from >= 16 && limit - to >= 16) v128.store(to, v128.load(from));
  else memory.copy(to, from, length);
}

/** Repeats what lies `offset` bytes before `to` for `length` bytes; the two may overlap. */
export function copyMatch(to: usize, limit: usize, offset: usize, length: usize): void {
  let from = to - offset;
  const stop = to + length;
  if (offset >= 16 && limit - to >= length + 16) {
    for (; to < stop; to += 16, from += 16) v128.store(to, v128.load(from));
  } else if (offset >= 8 && limit - to >= length + 8) {
    for (; to < stop; to += 8, from += 8) store<u64>(to, load<u64>(from));
  } else if (offset === 1) {
    memory.fill(to, load<u8>(from), length);
  } else {
    while (to < stop) store<u8>(to++, load<u8>(from++));
  }
}
