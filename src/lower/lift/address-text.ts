// Addresses as text: RFC 5952 for IPv6, as inet_ntop(3) writes it.

export function ipv4Text(address: bigint): string {
  return [24n, 16n, 8n, 0n].map(shift => (address >> shift) & 0xffn).join('.');
}

/** The longest run of at least two zero groups, the first of equals. */
function longestZeros(groups: readonly number[]): readonly [from: number, length: number] {
  let best: readonly [number, number] = [-1, 1];
  let from = 0;
  while (from < groups.length) {
    let end = from;
    while (groups[end] === 0) end++;
    if (end - from > best[1]) best = [from, end - from];
    from = end + 1;
  }
  return best;
}

/** Addresses that hold one of IPv4 (::a.b.c.d, ::ffff:a.b.c.d) are written with it. */
function embeddedText(address: bigint): string | undefined {
  const above = address >> 32n;
  if (above === 0xffffn) return `::ffff:${ipv4Text(address & 0xffff_ffffn)}`;
  return above === 0n && address >> 16n !== 0n ? `::${ipv4Text(address)}` : undefined;
}

export function ipv6Text(address: bigint): string {
  const embedded = embeddedText(address);
  if (embedded !== undefined) return embedded;
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((address >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  const hex = groups.map(group => group.toString(16));
  const [from, length] = longestZeros(groups);
  if (from < 0) return hex.join(':');
  return `${hex.slice(0, from).join(':')}::${hex.slice(from + length).join(':')}`;
}

export function linkLayerText(address: bigint, bytes: number): string {
  return Array.from({ length: bytes }, (_, index) =>
    ((address >> BigInt(8 * (bytes - 1 - index))) & 0xffn).toString(16).padStart(2, '0'),
  ).join(':');
}
