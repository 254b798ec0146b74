// Arbitraries of IPv4 and IPv6 packets: whole or in fragments, with options and extension headers, and with lengths,
// versions and checksums that are sometimes wrong. `hostile` says how often.

import fc from 'fast-check';
import { numberBytes } from '../../model/bytes.ts';
import {
  authenticationHeader,
  type ExtensionHeader,
  fragmentHeader,
  ipv4Packet,
  ipv6Packet,
  optionsHeader,
  routingHeader,
  withChecksum,
} from '../../model/internet.ts';
import { type Carried, carried } from './transport.ts';
import { mostly, near, nearNumber, points, seldom } from './values.ts';

export interface Taste {
  /** Wrong lengths, versions, checksums, odd options. `rare`: for hooks behind the stack's own checks. */
  readonly hostile: 'often' | 'rare';
  /** Routing takes most packets: addresses of single hosts, hops left. */
  readonly routed?: boolean;
  /** Whole packets with right transport checksums, mostly: for connection tracking. */
  readonly tracked?: boolean;
  /** Sent by this machine: the version is right, and the identification given (the kernel would choose one for 0). */
  readonly local?: boolean;
}

/** Checksums right nine times of ten, where that is asked for. */
function isSummed({ tracked }: Taste): fc.Arbitrary<boolean> {
  return tracked ? mostly(true, fc.constant(false)) : fc.constant(false);
}

function wrong<T>(taste: Taste, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return seldom(arbitrary, taste.hostile === 'often' ? 14 : 60);
}

/** How far a length field is from the truth. */
const lengthError = fc.oneof(fc.constantFrom(1, -1, 4, -8, 20), fc.integer({ min: -60, max: 60 }));

const unicast4 = points.ipv4.filter(address => address >> 28n !== 0xen && address >> 28n !== 0xfn);
const unicast6 = points.ipv6.filter(address => address >> 120n !== 0xffn);

function address4({ routed }: Taste): fc.Arbitrary<number> {
  const any = nearNumber(points.ipv4, 32);
  return routed
    ? fc.oneof({ weight: 9, arbitrary: nearNumber(unicast4, 32) }, { weight: 1, arbitrary: any })
    : any;
}

function address6({ routed }: Taste): fc.Arbitrary<bigint> {
  const any = near(points.ipv6, 128);
  return routed
    ? fc.oneof({ weight: 9, arbitrary: near(unicast6, 128) }, { weight: 1, arbitrary: any })
    : any;
}

function hops({ routed }: Taste): fc.Arbitrary<number> {
  const any = nearNumber(points.ttl, 8);
  return routed ? mostly(64, any) : any;
}

/**
 * The route that is recorded (7) is full: into one with room the kernel writes an address behind prerouting, which the
 * models of packets do not.
 */
const option4: fc.Arbitrary<Uint8Array> = fc.constantFrom(
  Uint8Array.of(1, 1, 1, 1),
  Uint8Array.of(148, 4, 0, 0),
  Uint8Array.of(7, 7, 8, 192, 0, 2, 1, 0),
  Uint8Array.of(1, 1, 1, 0),
  Uint8Array.of(148, 4, 0, 0, 1, 1, 1, 1),
);

/** Flags and offset: whole, first, later and last fragments. Offset in 8-byte units. */
const fragment4: fc.Arbitrary<{ flags: number; fragmentOffset: number }> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ flags: fc.constantFrom(0, 2), fragmentOffset: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.constant({ flags: 1, fragmentOffset: 0 }) },
  {
    weight: 3,
    arbitrary: fc.record({ flags: fc.nat(7), fragmentOffset: fc.constantFrom(1, 2, 185, 0x1fff) }),
  },
);

/** Bytes that a later fragment carries at most: one time in two so few that some field ends at the last byte or behind it. */
const fragmentBytes: fc.Arbitrary<number> = fc.oneof(fc.nat(8), fc.constant(0xffff));

/** What an IPv4 packet carries: all of it, or what a fragment holds. */
function carried4({ tracked }: Taste): fc.Arbitrary<Carried & { flags: number; fragmentOffset: number }> {
  const fragment = tracked ? fc.constant({ flags: 2, fragmentOffset: 0 }) : fragment4;
  return fc.tuple(carried(4), fragment, fragmentBytes).map(([{ protocol, bytes }, place, most]) => ({
    ...place,
    protocol,
    bytes: place.fragmentOffset === 0 ? bytes : bytes.subarray(0, most),
  }));
}

export function ipv4(taste: Taste): fc.Arbitrary<Uint8Array> {
  return fc
    .record({
      carried: carried4(taste),
      tos: nearNumber(points.byte, 8),
      id: nearNumber(points.word, 16).map(id => (taste.local ? id || 1 : id)),
      summed: isSummed(taste),
      ttl: hops(taste),
      source: address4(taste),
      destination: address4(taste),
      options: mostly<Uint8Array>(new Uint8Array(0), option4, 6),
      version: taste.local ? fc.constant(undefined) : wrong(taste, fc.nat(15)),
      headerWords: wrong(taste, fc.nat(15)),
      lengthError: wrong(taste, lengthError),
      checksum: wrong(taste, fc.nat(0xffff)),
    })
    .map(({ carried: { bytes, ...carried }, version, headerWords, lengthError, checksum, ...fields }) =>
      ipv4Packet({
        ...fields,
        ...carried,
        payload: bytes,
        ...(version !== undefined && { version }),
        ...(headerWords !== undefined && { headerWords }),
        ...(checksum !== undefined && { checksum }),
        ...(lengthError !== undefined && {
          totalLength: Math.max(0, 20 + fields.options.length + bytes.length + lengthError),
        }),
      }),
    );
}

const extension: fc.Arbitrary<ExtensionHeader> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom<0 | 60>(60, 0), fc.nat(2))
      .map(([type, units]) => optionsHeader(type, units)),
  },
  { weight: 2, arbitrary: fc.nat(2).map(routingHeader) },
  { weight: 1, arbitrary: fc.nat(3).map(authenticationHeader) },
  { weight: 3, arbitrary: fc.constantFrom<0 | 1>(0, 1).map(more => fragmentHeader(0, more, 7)) },
  { weight: 3, arbitrary: fc.constantFrom(1, 2, 0x1fff).map(offset => fragmentHeader(offset, 1, 7)) },
);

/** Hop-by-hop options stand first where the stack is to take them. */
function orderly(list: readonly ExtensionHeader[]): readonly ExtensionHeader[] {
  return [...list.filter(({ type }) => type === 0).slice(0, 1), ...list.filter(({ type }) => type !== 0)];
}

export function ipv6(taste: Taste): fc.Arbitrary<Uint8Array> {
  const extensions = fc.array(extension, { maxLength: 4 });
  return fc
    .record({
      carried: carried(6),
      trafficClass: nearNumber(points.byte, 8),
      flowLabel: fc.oneof(nearNumber(points.double, 20), nearNumber(points.port, 20)),
      hopLimit: hops(taste),
      source: address6(taste),
      destination: address6(taste),
      extensions: mostly<readonly ExtensionHeader[]>(
        [],
        taste.hostile === 'often' ? extensions : extensions.map(orderly),
        3,
      ),
      version: taste.local ? fc.constant(undefined) : wrong(taste, fc.nat(15)),
      lengthError: wrong(taste, lengthError),
      summed: isSummed(taste),
    })
    .map(({ carried, summed, version, lengthError, ...fields }) => {
      const ends = [numberBytes(fields.source, 16), numberBytes(fields.destination, 16)] as const;
      const { protocol } = carried;
      const bytes = summed ? withChecksum(protocol, carried.bytes, ...ends) : carried.bytes;
      const extensionLength = fields.extensions.reduce((sum, { rest }) => sum + rest.length + 1, 0);
      return ipv6Packet({
        ...fields,
        nextHeader: protocol,
        payload: bytes,
        ...(version !== undefined && { version }),
        ...(lengthError !== undefined && {
          payloadLength: Math.max(0, extensionLength + bytes.length + lengthError),
        }),
      });
    });
}
