// Arbitraries of frames as they come from the wire: Ethernet, VLAN tags, ARP, IP and anything else, with padding, and
// cut off anywhere.

import fc from 'fast-check';
import { arpPacket, ethernetFrame, etherType, type VlanTag } from '../../model/link.ts';
import { ipv4, ipv6, type Taste } from './internet.ts';
import { mostly, near, nearNumber, points } from './values.ts';

interface Network {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** Link address of the device under test, which the stack's hooks see frames for. */
const deviceAddress = points.mac[0]!;

const arp: fc.Arbitrary<Network> = fc
  .record({
    hardwareType: mostly(1, nearNumber(points.word, 16)),
    protocolType: mostly(0x0800, nearNumber(points.etherType, 16)),
    hardwareLength: mostly(6, fc.nat(255)),
    protocolLength: mostly(4, fc.nat(255)),
    operation: nearNumber([1n, 2n, 0n, 256n], 16),
    senderMac: near(points.mac, 48),
    senderAddress: nearNumber(points.ipv4, 32),
    targetMac: near(points.mac, 48),
    targetAddress: nearNumber(points.ipv4, 32),
  })
  .map(fields => ({ type: etherType.arp, payload: arpPacket(fields) }));

const other: fc.Arbitrary<Network> = fc.record({
  type: nearNumber(points.etherType, 16),
  payload: fc.uint8Array({ maxLength: 50 }),
});

function network(taste: Taste): fc.Arbitrary<Network> {
  const four = ipv4(taste).map(payload => ({ type: etherType.ipv4, payload }));
  const six = ipv6(taste).map(payload => ({ type: etherType.ipv6, payload }));
  const crossed = ipv6(taste).map(payload => ({ type: etherType.ipv4, payload }));
  if (taste.hostile === 'rare')
    return fc.oneof(
      { weight: 6, arbitrary: four },
      { weight: 5, arbitrary: six },
      { weight: 1, arbitrary: arp },
    );
  return fc.oneof(
    { weight: 6, arbitrary: four },
    { weight: 5, arbitrary: six },
    { weight: 2, arbitrary: arp },
    { weight: 1, arbitrary: other },
    { weight: 1, arbitrary: crossed },
  );
}

const tag: fc.Arbitrary<VlanTag> = fc.record({
  protocol: fc.constantFrom(0x8100, 0x88a8),
  priority: fc.constantFrom(0, 1, 7, 5),
  dropEligible: fc.constantFrom<0 | 1>(0, 1),
  id: nearNumber(points.vlanId, 12),
});

function tags({ hostile }: Taste): fc.Arbitrary<readonly VlanTag[]> {
  if (hostile === 'rare')
    return mostly<readonly VlanTag[]>(
      [],
      tag.map(one => [{ ...one, id: 0 }]),
      20,
    );
  return mostly<readonly VlanTag[]>([], fc.array(tag, { minLength: 1, maxLength: 3 }), 3);
}

/** How many bytes are cut off the end; `keep` is an absolute length instead. */
const cut = fc.oneof(fc.record({ cut: fc.nat(24) }), fc.record({ keep: fc.integer({ min: 14, max: 100 }) }));

function shorten(frame: Uint8Array, by: { cut?: number; keep?: number } | undefined): Uint8Array {
  const length = by?.keep ?? frame.length - (by?.cut ?? 0);
  return frame.subarray(0, Math.max(14, length));
}

/** Frames of at least 14 bytes. */
export function frame(taste: Taste): fc.Arbitrary<Uint8Array> {
  const often = taste.hostile === 'often';
  return fc
    .record({
      destination: often ? near(points.mac, 48) : mostly(deviceAddress, near(points.mac, 48), 20),
      source: near(points.mac, 48),
      tags: tags(taste),
      network: network(taste),
      padding: mostly(0, fc.nat(40), often ? 5 : 3),
      cut: mostly<{ cut?: number; keep?: number } | undefined>(undefined, cut, often ? 5 : 30),
    })
    .map(({ network, padding, cut, ...link }) => {
      const whole = ethernetFrame({ ...link, ...network });
      const padded = new Uint8Array(whole.length + padding).fill(0xee, whole.length);
      padded.set(whole);
      return shorten(padded, cut);
    });
}

/** IP packets as a raw socket sends them: the kernel completes them, so few things can be wrong. */
export function localPacket(taste: Taste): fc.Arbitrary<Uint8Array> {
  const four = ipv4({ ...taste, local: true });
  const six = ipv6({ ...taste, local: true });
  return fc.oneof(four, six);
}
