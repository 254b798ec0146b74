// What the evaluator's tests share: a UDP packet at ingress, and rulesets of hand-made register IR run on it.

import {
  createEvaluator,
  type Device,
  type Evaluation,
  type Evaluator,
  type HookPoint,
  type KernelVersion,
  type Packet,
} from '../../../src/lower/linear/eval/index.ts';
import type { Expression, IrRuleset } from '../../../src/lower/linear/ir.ts';
import { type Ends, frame, udpPacket } from '../../support/frames.ts';
import { type ChainText, counter, rulesetOf } from '../../support/ir-builder.ts';

export const kernel: KernelVersion = { major: 6, minor: 18 };
export const device: Device = { index: 2, name: 'in0', group: 0, type: 1, kind: 'tun' };
export const ingress: HookPoint = { list: 'netdev', hook: 'ingress', device: 'in0' };
export const ends: Ends = { source: '10.0.0.1', destination: '10.0.0.2' };

export function packetOf(bytes: Uint8Array, extra: Partial<Packet> = {}): Packet {
  return {
    bytes: frame(bytes),
    macOffset: 0,
    networkOffset: 14,
    dataOffset: 14,
    protocol: bytes[0]! >> 4 === 6 ? 0x86dd : 0x0800,
    packetType: 0,
    mark: 0,
    priority: 0,
    input: device,
    device,
    clock: { realtime: 0n, monotonic: 0n },
    ...extra,
  };
}

export const udp: Packet = packetOf(
  udpPacket(ends, { sourcePort: 1000, destinationPort: 53 }, new Uint8Array(72)),
);

export function verdictOf(evaluation: Evaluation): string {
  return evaluation.kind === 'decided' ? evaluation.verdict : evaluation.reason;
}

/** Packets that each counter of the ruleset counted, in its order. */
export function counts(evaluator: Evaluator): number[] {
  return evaluator.counters().map(({ packets }) => Number(packets));
}

export function runTimes(
  ruleset: IrRuleset,
  times: number,
  packet: (index: number) => Packet = () => udp,
): number[] {
  const evaluator = createEvaluator(ruleset, { kernel });
  for (let index = 0; index < times; index++) evaluator.evaluate(ingress, packet(index));
  return counts(evaluator);
}

export function judge(chains: Readonly<Record<string, ChainText>>): { verdict: string; counts: number[] } {
  const evaluator = createEvaluator(rulesetOf(chains), { kernel });
  const evaluation = evaluator.evaluate(ingress, udp);
  return { verdict: verdictOf(evaluation), counts: counts(evaluator) };
}

/** How many of `times` packets of 100 bytes (from the IP header on) get past the expressions. */
export function passing(
  expressions: readonly Expression[],
  times: number,
  packet?: (index: number) => Packet,
): number {
  const ruleset = rulesetOf({ b: { hook: 'ingress', rules: [[...expressions, counter]] } });
  return runTimes(ruleset, times, packet)[0]!;
}
