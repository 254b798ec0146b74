// The hooks that a packet meets on its way through a machine, and as what it arrives at each: the packet that one hook
// leaves is what the next stage takes.

import type { HookPoint, Packet } from '../../src/lower/linear/eval/index.ts';
import type { Hook } from '../../src/model/family.ts';
import { packetAtEgress } from './egress.ts';
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

const end: NextStage = () => undefined;

function internetStage(hook: Hook, at: InternetPacket | undefined, next: NextStage): Stage | undefined {
  return at && { visit: { point: { list: at.list, hook }, packet: at.packet }, next };
}

function prerouting(left: Packet): Stage | undefined {
  const at = packetAtPrerouting(left);
  return internetStage(
    'prerouting',
    at,
    packet => at && internetStage('input', packetAtInput({ list: at.list, packet }), end),
  );
}

/** A frame that arrives at a device, for this machine. */
export function arrivalPath(frame: Uint8Array, device: LinkDevice): Stage | undefined {
  const packet = packetAtIngress({ frame, device });
  const point: HookPoint = { list: 'netdev', hook: 'ingress', device: device.name };
  return packet && { visit: { point, packet }, next: prerouting };
}

/** A frame that a packet socket sends out of a device. */
export function departurePath(frame: Uint8Array, device: LinkDevice): Stage | undefined {
  const packet = packetAtEgress({ frame, device });
  const point: HookPoint = { list: 'netdev', hook: 'egress', device: device.name };
  return packet && { visit: { point, packet }, next: end };
}

/** An IP packet that a raw socket sends. */
export function localPath(bytes: Uint8Array, device: LinkDevice): Stage | undefined {
  return internetStage('output', packetAtOutput(bytes, device), end);
}
