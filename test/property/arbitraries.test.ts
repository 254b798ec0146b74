// What the arbitraries promise: the cases that tempt do occur, the reference takes every drawn ruleset, and what fails
// becomes small. That drawn packets meet drawn rules, and both verdicts occur, is asserted where packets are judged
// (agreement.test.ts).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packetAtIngress } from '../model/ingress.ts';
import { checkWithNft } from '../support/nft.ts';
import { isMissing } from '../support/requirements.ts';
import { frame, localPacket } from './arbitraries/frame.ts';
import { type Place, ruleset } from './arbitraries/ruleset.ts';

const seed = 1;
const device = { name: 'in0', index: 2, group: 0, type: 1, address: '020000000001' };
const frames = fc.sample(frame({ hostile: 'often' }), { numRuns: 4000, seed });
const packets = frames.map(bytes => packetAtIngress({ frame: bytes, device }));

/** Share of the drawn frames, in per mille, for which `holds`. */
function share(holds: (bytes: Uint8Array, network: number, protocol: number) => boolean): number {
  const found = packets.filter(
    packet => packet && holds(packet.bytes, packet.networkOffset, packet.protocol),
  );
  return (found.length * 1000) / packets.length;
}

const isIpv4 = (protocol: number) => protocol === 0x0800;
const isIpv6 = (protocol: number) => protocol === 0x86dd;
const word = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

describe('drawn frames', () => {
  it('have a link header and fit a device', () => {
    for (const bytes of frames) {
      expect(bytes.length).toBeGreaterThanOrEqual(14);
      expect(bytes.length).toBeLessThanOrEqual(1514);
    }
  });

  it.each([
    ['tagged', () => packets.filter(packet => packet?.vlan).length / 4, 100],
    ['tagged twice', () => share((_, __, protocol) => protocol === 0x8100 || protocol === 0x88a8), 50],
    ['ARP', () => share((_, __, protocol) => protocol === 0x0806), 50],
    ['first IPv4 fragments', () => share((b, n, p) => isIpv4(p) && (word(b, n + 6) & 0x3fff) === 0x2000), 20],
    ['later IPv4 fragments', () => share((b, n, p) => isIpv4(p) && (word(b, n + 6) & 0x1fff) !== 0), 30],
    ['IPv4 options', () => share((b, n, p) => isIpv4(p) && b[n] !== undefined && b[n] > 0x45), 30],
    ['IPv4 in the wrong version', () => share((b, n, p) => isIpv4(p) && (b[n] ?? 0) >> 4 !== 4), 10],
    ['IPv4 longer than its frame', () => share((b, n, p) => isIpv4(p) && word(b, n + 2) > b.length - n), 20],
    ['IPv4 with padding', () => share((b, n, p) => isIpv4(p) && word(b, n + 2) < b.length - n), 20],
    ['cut off in the IPv4 header', () => share((b, n, p) => isIpv4(p) && b.length - n < 20), 5],
    [
      'IPv6 extension headers',
      () => share((b, n, p) => isIpv6(p) && [0, 43, 44, 51, 60].includes(b[n + 6] ?? 255)),
      40,
    ],
    ['cut off behind the IPv6 header', () => share((b, n, p) => isIpv6(p) && b.length - n < 48), 5],
  ])('contain %s', (_, measured, least) => {
    expect(measured()).toBeGreaterThan(least);
  });

  it('for output are IP packets of a version that a socket sends', () => {
    for (const bytes of fc.sample(localPacket({ hostile: 'rare' }), { numRuns: 500, seed }))
      expect([4, 6]).toContain(bytes[0]! >> 4);
  });
});

const places: readonly Place[] = [
  { family: 'netdev', hook: 'ingress', device: 'lo' },
  { family: 'netdev', hook: 'egress', device: 'lo' },
  { family: 'inet', hook: 'ingress', device: 'lo' },
  { family: 'inet', hook: 'prerouting' },
  { family: 'ip', hook: 'input' },
  { family: 'ip6', hook: 'output' },
  { family: 'inet', hook: 'forward' },
];

const tasteOf = (place: Place) => ({
  place,
  writes: true,
  exotic: true,
  stateful: true,
  conntrack: place.device === undefined,
});

/** The devices that rules name are not there in nft's own namespace. */
function withoutDevices(text: string): string {
  return text
    .replace(/\b([io]if) (!= |== )?(in0|out0)\b/g, '$1 $2lo')
    .replace(/\{ (in0|out0|lo)[^}]*\}/g, '{ lo }');
}

describe.skipIf(isMissing('nft'))('drawn rulesets', () => {
  it.each(places)('for $family $hook are taken by the reference', place => {
    const texts = fc.sample(ruleset(tasteOf(place)), { numRuns: 60, seed });
    const refused = texts.map(text => checkWithNft(withoutDevices(text)).stderr).filter(text => text !== '');
    expect(refused).toEqual([]);
  });

  it('become small', () => {
    const property = fc.property(ruleset(tasteOf(places[3]!)), text => !/vmap \{ .* : drop/.test(text));
    const lines = [1, 2, 3, 4, 5].map(one => {
      const { counterexample } = fc.check(property, { seed: one, numRuns: 1000 });
      return counterexample?.[0].split('\n').length ?? Number.NaN;
    });
    // One rule in one chain of one table takes six lines; more are left where a table or a chain cannot go alone.
    expect(lines.sort((a, b) => a - b)[2]).toBeLessThanOrEqual(14);
  });
});
