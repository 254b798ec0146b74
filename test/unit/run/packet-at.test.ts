// The packets that `run` makes of bytes, against the model that the judges have of the receiving stack (test/model, which live
// traffic confirms).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../src/lower/linear/eval/index.ts';
import { type PacketAt, packetAt } from '../../../src/lower/run/index.ts';
import { packetAtEgress } from '../../model/egress.ts';
import { type LinkDevice, packetAtIngress } from '../../model/ingress.ts';
import { packetAtPrerouting } from '../../model/prerouting.ts';
import { frame as drawnFrame } from '../../property/arbitraries/frame.ts';
import { frame, udpPacket } from '../../support/frames.ts';
import { inputAddress } from '../../support/net/lab.ts';

const device: LinkDevice = {
  index: 3,
  name: 'in0',
  group: 0,
  type: 1,
  address: inputAddress.replaceAll(':', ''),
};

const frames = fc.oneof(drawnFrame({ hostile: 'often' }), drawnFrame({ hostile: 'rare' }));

/** What bytes alone decide. */
function placed(packet: Packet | undefined): unknown {
  if (packet === undefined) return undefined;
  const { bytes, macOffset, networkOffset, dataOffset, protocol, vlan } = packet;
  return { bytes: [...bytes], macOffset, networkOffset, dataOffset, protocol, vlan };
}

function delivered(at: PacketAt): Packet | undefined {
  return at.kind === 'packet' ? at.packet : undefined;
}

describe('packets from frames', () => {
  it('at ingress are what the stack makes of them', () => {
    fc.assert(
      fc.property(frames, bytes => {
        const ours = delivered(packetAt({ family: 'netdev', hook: 'ingress' }, bytes, { input: device }));
        expect(placed(ours)).toEqual(placed(packetAtIngress({ frame: bytes, device })));
      }),
    );
  });

  it('at egress too', () => {
    fc.assert(
      fc.property(frames, bytes => {
        const ours = delivered(packetAt({ family: 'netdev', hook: 'egress' }, bytes, { output: device }));
        expect(placed(ours)).toEqual(placed(packetAtEgress({ frame: bytes, device })));
      }),
    );
  });

  it('at the IP hooks are trimmed, and those that the stack drops do not get there', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(frames, bytes => {
        const ours = packetAt({ family: 'inet', hook: 'prerouting' }, bytes, { input: device });
        const ingress = packetAtIngress({ frame: bytes, device });
        const theirs = ingress && packetAtPrerouting(ingress);
        seen.add(ours.kind === 'packet' ? ours.point.list : ours.reason);
        // The model also drops frames for other hosts, by address and by hop-by-hop options.
        if (ours.kind === 'not_delivered' || theirs !== undefined) {
          expect(placed(delivered(ours))).toEqual(placed(theirs?.packet));
          if (ours.kind === 'packet') expect(ours.point.list).toBe(theirs?.list);
        }
      }),
      { numRuns: 1000 },
    );
    expect(seen).toContain('ip');
    expect(seen).toContain('ip6');
    expect(seen.size).toBeGreaterThan(5);
  });
});

describe('what stands beside the bytes', () => {
  const ends = { source: '10.9.0.1', destination: '10.9.0.2' };
  const udp = udpPacket(ends, { sourcePort: 1000, destinationPort: 53 });

  it('is taken from the context', () => {
    const at = packetAt({ family: 'inet', hook: 'forward' }, frame(udp), {
      input: device,
      mark: 7,
      packetType: 1,
      conntrack: 'untracked',
    });
    expect(at).toMatchObject({
      kind: 'packet',
      point: { list: 'ip', hook: 'forward', device: 'in0' },
      packet: { mark: 7, packetType: 1, conntrack: 'untracked', device: { name: 'in0' } },
    });
  });

  it('a state gets the entry of the packet that has it', () => {
    const at = packetAt({ family: 'ip', hook: 'input' }, udp, { from: 'l3', conntrack: 'established' });
    expect(delivered(at)?.conntrack).toMatchObject({
      state: 'established',
      l3protocol: 2,
      protocol: 17,
      original: { source: Uint8Array.of(10, 9, 0, 1), sourcePort: 1000, destinationPort: 53 },
      reply: { source: Uint8Array.of(10, 9, 0, 2), sourcePort: 53, destinationPort: 1000 },
    });
    expect(delivered(packetAt({ family: 'ip', hook: 'input' }, udp, { from: 'l3' }))?.conntrack).toBe('none');
  });

  it('begins at the IP header where there is no link header', () => {
    const at = packetAt({ family: 'ip', hook: 'output' }, udp, { from: 'l3', output: device });
    expect(delivered(at)).toMatchObject({ networkOffset: 0, dataOffset: 0, protocol: 0x0800 });
    expect(delivered(at)).not.toHaveProperty('macOffset');
  });
});
