// Values that rules and packets share: a few boundary points of each kind, so that a drawn rule often meets a drawn
// packet, is often off by one, and sometimes is far away.

import fc from 'fast-check';

export type Points = readonly bigint[];

/** Big-endian text forms as numbers. */
function ipv4(text: string): bigint {
  return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

type PointName =
  | 'port'
  | 'mac'
  | 'ipv4'
  | 'ipv6'
  | 'etherType'
  | 'protocol'
  | 'vlanId'
  | 'byte'
  | 'word'
  | 'double'
  | 'small'
  | 'icmpType'
  | 'icmpv6Type'
  | 'ttl'
  | 'length'
  | 'tcpFlags'
  | 'fragment';

export const points: Readonly<Record<PointName, Points>> = {
  port: [80n, 22n, 53n, 0n, 255n, 256n, 1024n, 65535n, 0x1234n],
  mac: [0x020000000001n, 0x020000000002n, 0x0200000000ffn, 0xffffffffffffn, 0x01005e000001n],
  ipv4: [
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.255',
    '10.0.1.0',
    '192.168.1.1',
    '172.16.5.4',
    '224.0.0.1',
    '255.255.255.255',
  ].map(ipv4),
  ipv6: [
    0xfd000000000000000000000000000001n,
    0xfd000000000000000000000000000002n,
    0xfd00000000000000ffffffffffffffffn,
    0xfd000000000000010000000000000000n,
    0x20010db8000000000000000000000001n,
    0xff020000000000000000000000000001n,
  ],
  etherType: [0x0800n, 0x86ddn, 0x0806n, 0x8100n, 0x88a8n, 0x88ccn, 0x05ffn, 0x0600n],
  protocol: [6n, 17n, 1n, 58n, 0n, 44n, 51n, 59n, 60n, 132n, 255n],
  vlanId: [0n, 1n, 100n, 0xfffn, 0x123n],
  byte: [0n, 1n, 2n, 64n, 127n, 128n, 255n],
  word: [0n, 1n, 255n, 256n, 0x1234n, 0x7fffn, 0x8000n, 0xffffn],
  double: [0n, 1n, 255n, 256n, 0x12345678n, 0x7fffffffn, 0x80000000n, 0xffffffffn],
  small: [0n, 1n, 2n, 3n],
  icmpType: [0n, 8n, 3n, 11n, 12n, 13n],
  icmpv6Type: [128n, 129n, 1n, 2n, 4n, 135n, 136n],
  ttl: [64n, 1n, 0n, 255n, 63n],
  length: [20n, 28n, 40n, 48n, 60n, 84n, 46n, 8n, 100n],
  tcpFlags: [0x02n, 0x12n, 0x10n, 0x11n, 0x04n, 0x00n, 0x3fn, 0xc2n],
  fragment: [0n, 1n, 0x2000n, 0x4000n, 0x2001n, 0x1fffn, 0x8000n],
};

/** A number of `bits` bits: mostly a point, sometimes its neighbour, sometimes anything. Shrinks to the first point. */
export function near(list: Points, bits: number): fc.Arbitrary<bigint> {
  const last = (1n << BigInt(bits)) - 1n;
  const inRange = list.filter(value => value <= last);
  const point = fc.constantFrom(...inRange);
  const neighbour = fc
    .tuple(point, fc.constantFrom(1n, -1n))
    .map(([value, step]) => (value + step < 0n ? 0n : value + step > last ? last : value + step));
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 8, arbitrary: point },
    { weight: 2, arbitrary: neighbour },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: last }) },
  );
}

/** The same, as a number (up to 32 bits). */
export function nearNumber(list: Points, bits: number): fc.Arbitrary<number> {
  return near(list, bits).map(Number);
}

/** `usual` most of the time (nine of ten, or `weight` of `weight + 1`). */
export function mostly<T>(usual: T, other: fc.Arbitrary<T>, weight = 9): fc.Arbitrary<T> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: other },
  );
}

/** Undefined most of the time: "as it should be". */
export function seldom<T>(arbitrary: fc.Arbitrary<T>, weight = 14): fc.Arbitrary<T | undefined> {
  return mostly<T | undefined>(undefined, arbitrary, weight);
}
