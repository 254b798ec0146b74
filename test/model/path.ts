// The hooks that a packet meets on its way through a machine, and as what it arrives at each: the packet that one hook
// leaves is what the next stage takes.

import type { HookPoint, Packet } from '../../src/lower/linear/eval/index.ts';
import type { Hook } from '../../src/model/family.ts';
import { tracked } from './conntrack.ts';
import { packetAtEgress } from './egress.ts';
import { packetAtForward, packetAtPostrouting, packetLeaving } from './forward.ts';
import { type LinkDevice, packetAtIngress } from './ingress.ts';
import { packetAtOutput } from './output.ts';
import { type InternetPacket, packetAtInput, packetAtPrerouting } from './prerouting.ts';

/** A packet about to be judged at a hook. */
export interface Visit {
  readonly point: HookPoint;
  readonly packet: Packet;
}

/** What comes after a hook: from the packet it left. Nothing: the packet ends there, or goes where no model reaches. */
export type NextStage = (left: Packet) => Stage | undefined;

export interface Stage {
  readonly visit: Visit;
  readonly next: NextStage;
}

/** How a machine routes: all packets are its own, or all go on, out of one device. */
export interface Machine {
  readonly routing: 'local' | 'forward';
  readonly output: LinkDevice;
  /** Connections are tracked, but none outlives its packet. */
  readonly conntrack?: boolean;
}

const end = (): undefined => undefined;

function internetStage(
  hook: Hook,
  at: InternetPacket | undefined,
  next: (left: InternetPacket) => Stage | undefined,
): Stage | undefined {
  if (!at) return undefined;
  const { list, packet: arriving } = at;
  return {
    visit: { point: { list, hook }, packet: arriving },
    next: packet => next({ list, packet }),
  };
}

function egress(packet: Packet | undefined, device: LinkDevice): Stage | undefined {
  const point: HookPoint = { list: 'netdev', hook: 'egress', device: device.name };
  return packet && { visit: { point, packet }, next: end };
}

function postrouting(left: InternetPacket, output: LinkDevice): Stage | undefined {
  return internetStage('postrouting', packetAtPostrouting(left), ({ packet }) =>
    egress(packetLeaving(packet, output), output),
  );
}

/** At its first hook of the IP stack a packet meets conntrack. */
function met(
  at: InternetPacket | undefined,
  hook: 'prerouting' | 'output',
  { conntrack }: Machine,
): InternetPacket | undefined {
  return at && conntrack ? tracked(at, hook) : at;
}

/** Behind its first hook the packet comes with what conntrack gave it. */
function afterConntrack({ list, packet }: InternetPacket): InternetPacket {
  const { conntrackFrom: _, ...rest } = packet;
  return { list, packet: rest };
}

/** Behind prerouting: to this machine, or through it. */
function routed(left: InternetPacket, { routing, output }: Machine): Stage | undefined {
  if (routing === 'local') return internetStage('input', packetAtInput(left), end);
  return internetStage('forward', packetAtForward(left, output), on => postrouting(on, output));
}

/** A frame that arrives at a device. */
export function arrivalPath(frame: Uint8Array, device: LinkDevice, machine: Machine): Stage | undefined {
  const packet = packetAtIngress({ frame, device });
  const point: HookPoint = { list: 'netdev', hook: 'ingress', device: device.name };
  const prerouting: NextStage = left =>
    internetStage('prerouting', met(packetAtPrerouting(left), 'prerouting', machine), on =>
      routed(afterConntrack(on), machine),
    );
  return packet && { visit: { point, packet }, next: prerouting };
}

/** A frame that a packet socket sends out of a device. */
export function departurePath(frame: Uint8Array, device: LinkDevice): Stage | undefined {
  return egress(packetAtEgress({ frame, device }), device);
}

/** An IP packet that a raw socket sends. */
export function localPath(bytes: Uint8Array, machine: Machine): Stage | undefined {
  const { output } = machine;
  return internetStage('output', met(packetAtOutput(bytes, output), 'output', machine), sent =>
    postrouting(afterConntrack(sent), output),
  );
}
