// Arbitraries of what an IP packet carries: the protocol number and its bytes.

import fc from 'fast-check';
import { header } from '../../model/bytes.ts';
import { icmpMessage, tcpSegment, udpDatagram } from '../../model/transport.ts';
import { mostly, nearNumber, points, seldom } from './values.ts';

export interface Carried {
  readonly protocol: number;
  readonly bytes: Uint8Array;
}

const port = nearNumber(points.port, 16);
const double = nearNumber(points.double, 32);
const payload: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(new Uint8Array(0)) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 8 }) },
  // What looks like a header when it is read as one: ports in a fragment's data.
  { weight: 2, arbitrary: fc.tuple(port, port).map(([a, b]) => header([a, 2], [b, 2], [0, 8])) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
);

const tcpOption: fc.Arbitrary<Uint8Array> = fc.constantFrom(
  Uint8Array.of(1, 1, 1, 1),
  Uint8Array.of(2, 4, 5, 0xb4),
  Uint8Array.of(3, 3, 7, 0),
  Uint8Array.of(4, 2, 1, 1),
  Uint8Array.of(0, 2, 4, 5),
  Uint8Array.of(2, 0, 2, 4),
  Uint8Array.of(8, 40, 0, 0),
);

const tcpOptions = fc
  .array(tcpOption, { maxLength: 3 })
  .map(list => Uint8Array.from(list.flatMap(option => [...option])));

const tcp: fc.Arbitrary<Carried> = fc
  .record({
    sourcePort: port,
    destinationPort: port,
    sequence: double,
    acknowledgement: double,
    dataOffset: seldom(fc.nat(15)),
    reserved: mostly(0, fc.nat(15)),
    flags: nearNumber(points.tcpFlags, 8),
    window: nearNumber(points.word, 16),
    checksum: nearNumber(points.word, 16),
    urgent: nearNumber(points.word, 16),
    options: mostly<Uint8Array>(new Uint8Array(0), tcpOptions, 1),
    payload,
  })
  .map(({ dataOffset, ...fields }) => ({
    protocol: 6,
    bytes: tcpSegment({ ...fields, ...(dataOffset !== undefined && { dataOffset }) }),
  }));

const udp: fc.Arbitrary<Carried> = fc
  .record({
    sourcePort: port,
    destinationPort: port,
    length: seldom(nearNumber(points.length, 16)),
    checksum: nearNumber(points.word, 16),
    payload,
  })
  .map(({ length, ...fields }) => ({
    protocol: 17,
    bytes: udpDatagram({ ...fields, ...(length !== undefined && { length }) }),
  }));

function icmp(protocol: number, types: readonly bigint[]): fc.Arbitrary<Carried> {
  return fc
    .record({
      type: nearNumber(types, 8),
      code: nearNumber(points.small, 8),
      checksum: nearNumber(points.word, 16),
      rest: double,
      payload,
    })
    .map(fields => ({ protocol, bytes: icmpMessage(fields) }));
}

/** Any protocol number over any bytes: extension header numbers in IPv4, TCP with nothing behind it. */
const other: fc.Arbitrary<Carried> = fc.record({
  protocol: nearNumber(points.protocol, 8),
  bytes: fc.uint8Array({ maxLength: 24 }),
});

/** `6` prefers ICMPv6 to ICMP, `4` the other way round. */
export function carried(version: 4 | 6): fc.Arbitrary<Carried> {
  const [usual, unusual] =
    version === 4
      ? [icmp(1, points.icmpType), icmp(58, points.icmpv6Type)]
      : [icmp(58, points.icmpv6Type), icmp(1, points.icmpType)];
  return fc.oneof(
    { weight: 6, arbitrary: udp },
    { weight: 6, arbitrary: tcp },
    { weight: 3, arbitrary: usual },
    { weight: 1, arbitrary: unusual },
    { weight: 1, arbitrary: other },
  );
}
