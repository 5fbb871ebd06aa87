/**
 * What Kafka's placement and texts inherit from Java: string hashes, the order of hashed keys, and the text of an address.
 *
 * Source: java.lang.String.hashCode, java.util.HashMap, java.net.InetAddress.toString, org.apache.kafka.common.utils.Utils.abs.
 */

/** `String.hashCode`: 31-based over UTF-16 units, a signed 32-bit integer. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** The partition of `__consumer_offsets` that keeps a group. */
export function partitionForGroup(groupId: string, partitionCount: number): number {
  const hash = javaHashCode(groupId);
  // The most negative hash has no positive counterpart; Kafka takes 0.
  return (hash === -0x80000000 ? 0 : Math.abs(hash)) % partitionCount;
}

/** The keys in the order in which a `HashMap` or `HashSet` filled with them iterates: it decides between equals where Kafka takes the first. */
export function inHashOrder(keys: readonly string[]): string[] {
  let capacity = 16;
  while (keys.length > capacity * 0.75) capacity *= 2;
  const bucketOf = (key: string): number => {
    const hash = javaHashCode(key);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  const placed = keys.map((key) => ({ key, bucket: bucketOf(key) }));
  return placed.sort((a, b) => a.bucket - b.bucket).map(({ key }) => key);
}

/**
 * An address as groups show their members' hosts: `/127.0.0.1`, `/0:0:0:0:0:0:0:1`.
 *
 * Takes what Node calls a remote address; an IPv4 address mapped into IPv6 is shown as IPv4.
 */
export function clientHostOf(remoteAddress: string): string {
  const address = remoteAddress.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
  if (!address.includes(':')) return `/${address}`;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  if (tail !== undefined) while (groups.length + last.length < 8) groups.push('0');
  return `/${[...groups, ...last].map((group) => Number.parseInt(group, 16).toString(16)).join(':')}`;
}
