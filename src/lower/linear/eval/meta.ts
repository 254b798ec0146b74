// meta keys (nft_meta.c, `nft_meta_get_eval` and `nft_meta_set_eval`). Facts 51 to 57. Each key is one entry: its value
// as the register gets it, `undefined` where the rule ends, or why it cannot be evaluated.

import type { Expression } from '../ir.ts';
import type { Execution } from './execution.ts';
import { type Device, type Packet, packetLength, readBytes } from './packet.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from './packet-info.ts';
import { breakRule, next, notEvaluable, type Step } from './step.ts';

const HOST = 0;
const BROADCAST = 1;
const MULTICAST = 2;
const OTHER_HOST = 3;
const LOOPBACK = 5;

type MetaValue = Uint8Array | undefined | Step;
type MetaKey = (execution: Execution) => MetaValue;

function number(length: 1 | 2 | 4 | 8, read: (execution: Execution) => number | bigint | undefined): MetaKey {
  return execution => {
    const value = read(execution);
    return value === undefined ? undefined : execution.registers.numberBytes(value, length);
  };
}

/** A value that the packet may not say: then it is not modelled, as opposed to absent. */
function modelled<T>(name: string, value: T | undefined, use: (value: T) => MetaValue): MetaValue {
  return value === undefined ? notEvaluable(`the packet's ${name} is not modelled`) : use(value);
}

/** 16 bytes, zero-padded; no name is 16 zeros (fact 51). */
function nameBytes(name: string | undefined): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(name ?? '').subarray(0, 16));
  return bytes;
}

function deviceKind(device: Device | undefined): Uint8Array | undefined {
  return device?.kind === undefined ? undefined : nameBytes(device.kind);
}

/** `nft_meta_get_eval_pkttype_lo` (fact 54): a looped-back copy never reads as loopback. */
function loopedPacketType({ info, packet }: Execution): number | undefined {
  const isIpv4 = info.nfproto === 2 || (info.nfproto === 5 && packet.protocol === ETHERTYPE_IPV4);
  const isIpv6 = info.nfproto === 10 || (info.nfproto === 5 && packet.protocol === ETHERTYPE_IPV6);
  if (isIpv6) return MULTICAST;
  const header = isIpv4 ? readBytes(packet, packet.networkOffset, 20) : undefined;
  if (!header) return undefined;
  return (header[16]! & 0xf0) === 0xe0 ? MULTICAST : BROADCAST;
}

/** Newer kernels look into nested protocols (fact 13): whether they do here has to be known. */
function withoutNesting(execution: Execution, value: MetaValue): MetaValue {
  const { machine, list, packet } = execution;
  const isNested = [0x8100, 0x8864].includes(packet.protocol) && (list === 'netdev' || list === 'bridge');
  if (!isNested || machine.behaviour.nestedProtocol === false) return value;
  return notEvaluable('nested VLAN tags and PPPoE are not modelled for this kernel');
}

/** network order: the bytes of the EtherType as they stand in the frame. */
function etherTypeBytes(protocol: number): Uint8Array {
  return Uint8Array.of(protocol >> 8, protocol & 0xff);
}

const nanosecondsPerSecond = 1_000_000_000n;
const secondsPerDay = 86_400n;

const keys: Readonly<Record<string, MetaKey>> = {
  len: number(4, ({ packet }) => packetLength(packet)),
  protocol: execution => withoutNesting(execution, etherTypeBytes(execution.packet.protocol)),
  nfproto: number(1, ({ info }) => info.nfproto),
  l4proto: execution => withoutNesting(execution, number(1, ({ info }) => info.l4?.protocol)(execution)),
  priority: number(4, ({ packet }) => packet.priority),
  mark: number(4, ({ packet }) => packet.mark),
  iif: number(4, ({ packet }) => packet.input?.index ?? 0),
  oif: number(4, ({ packet }) => packet.output?.index ?? 0),
  iifname: ({ packet }) => nameBytes(packet.input?.name),
  oifname: ({ packet }) => nameBytes(packet.output?.name),
  // The device of the skb, not the hook's input device (fact 52).
  iiftype: number(2, ({ packet }) => packet.device?.type),
  oiftype: number(2, ({ packet }) => packet.output?.type),
  iifgroup: number(4, ({ packet }) => packet.input?.group),
  oifgroup: number(4, ({ packet }) => packet.output?.group),
  iifkind: ({ packet }) => deviceKind(packet.input),
  oifkind: ({ packet }) => deviceKind(packet.output),
  pkttype: number(1, execution =>
    execution.packet.packetType === LOOPBACK ? loopedPacketType(execution) : execution.packet.packetType,
  ),
  cpu: execution => modelled('cpu', execution.packet.cpu, cpu => execution.registers.numberBytes(cpu, 4)),
  secpath: execution =>
    modelled('security path', execution.packet.securityPath, has =>
      execution.registers.numberBytes(has ? 1 : 0, 1),
    ),
  skuid: execution => ofSocket(execution, owner => owner.uid),
  skgid: execution => ofSocket(execution, owner => owner.gid),
  cgroup: execution => ofSocket(execution, owner => owner.cgroupClass),
  prandom: execution =>
    modelled('random number', execution.machine.random, draw => execution.registers.numberBytes(draw(), 4)),
  time: execution => ofRealtime(execution, time => execution.registers.numberBytes(time, 8)),
  hour: execution =>
    ofRealtime(execution, time =>
      execution.registers.numberBytes((time / nanosecondsPerSecond) % secondsPerDay, 4),
    ),
  day: execution =>
    ofRealtime(execution, time => {
      const west = BigInt(execution.machine.minutesWest) * 60n;
      const days = (time / nanosecondsPerSecond - west) / secondsPerDay;
      return execution.registers.numberBytes((days + 4n) % 7n, 1);
    }),
};

function ofRealtime({ packet }: Execution, use: (time: bigint) => MetaValue): MetaValue {
  return modelled('clock', packet.clock?.realtime, use);
}

/** `nft_meta_get_eval_skugid`, `nft_meta_get_eval_cgroup` (fact 55). */
function ofSocket(
  { packet, registers }: Execution,
  read: (owner: Exclude<NonNullable<Packet['socket']>, 'none'>) => number | undefined,
): MetaValue {
  return modelled('socket', packet.socket, socket => {
    if (socket === 'none') return undefined;
    return modelled('socket owner', read(socket), value => registers.numberBytes(value, 4));
  });
}

/** `nft_meta_get_eval`. */
export function evaluateMeta(execution: Execution, { key, dest }: Extract<Expression, { op: 'meta' }>): Step {
  const read = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (!read) return notEvaluable(`meta ${key} is not modelled`);
  const value = read(execution);
  if (value === undefined) return breakRule;
  if (!(value instanceof Uint8Array)) return value;
  execution.registers.write(dest, value);
  return next;
}

function isSettableType(type: number): boolean {
  return type >= HOST && type <= OTHER_HOST;
}

/** `nft_meta_set_eval`. */
export function evaluateMetaSet(execution: Execution, set: Extract<Expression, { op: 'meta_set' }>): Step {
  const { packet, registers } = execution;
  switch (set.key) {
    case 'mark':
      packet.mark = registers.readUint32(set.source);
      return next;
    case 'priority':
      packet.priority = registers.readUint32(set.source);
      return next;
    case 'pkttype': {
      const type = registers.readUint8(set.source);
      if (isSettableType(type) && isSettableType(packet.packetType)) packet.packetType = type;
      return next;
    }
    case 'nftrace':
      return next;
    default:
      return notEvaluable(`meta ${set.key} set is not modelled`);
  }
}
