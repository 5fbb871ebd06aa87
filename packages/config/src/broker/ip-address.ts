/**
 * Telling IP addresses from host names, without input or output.
 *
 * Source: RFC 4291; what Commons Validator's InetAddressValidator accepts.
 */

/** Whether the text is an IPv4 address in dotted decimals. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

/** Whether the text is an IPv6 address; a zone (`%eth0`) may follow. */
export function isIpv6(text: string): boolean {
  const address = text.replace(/%.+$/, '');
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const embedsIpv4 = isIpv4(last);
  const plain = embedsIpv4 ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  const length = plain.length + (embedsIpv4 ? 2 : 0);
  return halves.length === 2 ? length < 8 : length === 8;
}
