// ct keys (nft_ct.c, `nft_ct_get_eval` and `nft_ct_set_eval`) and notrack. Facts 58 to 64.

import type { Expression } from '../ir.ts';
import type { Execution } from './execution.ts';
import type { ConntrackEntry, ConntrackTuple } from './packet.ts';
import { breakRule, next, notEvaluable, type Step } from './step.ts';

type Direction = 'original' | 'reply';
type CtLoad = Extract<Expression, { op: 'ct' }>;

const INVALID = 1;
const UNTRACKED = 64;
const stateBits = { established: 2, related: 4, new: 8 } as const;

function stateOf(conntrack: ConntrackEntry | 'none' | 'untracked'): number {
  if (conntrack === 'none') return INVALID;
  return conntrack === 'untracked' ? UNTRACKED : stateBits[conntrack.state];
}

function counted(entry: ConntrackEntry, direction: Direction | undefined, unit: 'packets' | 'bytes'): bigint {
  const { accounting } = entry;
  if (!accounting) return 0n;
  if (direction) return accounting[direction][unit];
  return accounting.original[unit] + accounting.reply[unit];
}

function average(entry: ConntrackEntry, direction: Direction | undefined): bigint {
  const packets = counted(entry, direction, 'packets');
  return packets === 0n ? 0n : counted(entry, direction, 'bytes') / packets;
}

/** `nf_ct_zone_id`: a zone of one direction is the default zone, 0, in the other. */
function zoneOf(entry: ConntrackEntry, direction: Direction | undefined): number {
  const restricted = entry.zoneDirection;
  return direction && restricted && restricted !== direction ? 0 : (entry.zone ?? 0);
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff);
}

/** Keys that need a direction; undefined where the address is of the other family. */
function ofTuple(
  key: string,
  { l3protocol }: ConntrackEntry,
  tuple: ConntrackTuple,
): Uint8Array | undefined | Step {
  switch (key) {
    case 'src':
      return tuple.source;
    case 'dst':
      return tuple.destination;
    case 'src_ip':
      return l3protocol === 2 ? tuple.source : undefined;
    case 'dst_ip':
      return l3protocol === 2 ? tuple.destination : undefined;
    case 'src_ip6':
      return l3protocol === 10 ? tuple.source : undefined;
    case 'dst_ip6':
      return l3protocol === 10 ? tuple.destination : undefined;
    case 'proto_src':
      return portBytes(tuple.sourcePort);
    case 'proto_dst':
      return portBytes(tuple.destinationPort);
    default:
      return notEvaluable(`ct ${key} is not modelled`);
  }
}

function helperName(name: string | undefined): Uint8Array | undefined {
  if (name === undefined) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(name).subarray(0, 15));
  return bytes;
}

function ofEntry(
  { registers }: Execution,
  { key, direction }: CtLoad,
  entry: ConntrackEntry,
): Uint8Array | undefined | Step {
  switch (key) {
    case 'direction':
      return registers.numberBytes(entry.direction === 'original' ? 0 : 1, 1);
    case 'status':
      return registers.numberBytes(entry.status, 4);
    case 'mark':
      return registers.numberBytes(entry.mark, 4);
    case 'expiration':
      return entry.expiration === undefined
        ? notEvaluable('the connection has no modelled expiration')
        : registers.numberBytes(entry.expiration, 4);
    case 'helper':
      return helperName(entry.masterHelper);
    case 'label':
      return entry.label ?? new Uint8Array(16);
    case 'bytes':
    case 'packets':
      return registers.numberBytes(counted(entry, direction, key), 8);
    case 'avgpkt':
      return registers.numberBytes(average(entry, direction), 8);
    case 'l3protocol':
      return registers.numberBytes(entry.l3protocol, 1);
    case 'protocol':
      return registers.numberBytes(entry.protocol, 1);
    case 'zone':
      return registers.numberBytes(zoneOf(entry, direction), 2);
    default:
      return direction ? ofTuple(key, entry, entry[direction]) : notEvaluable(`ct ${key} is not modelled`);
  }
}

/** `nft_ct_get_eval`: only `state` has an answer without a real entry (fact 58). */
export function evaluateConntrack(execution: Execution, load: CtLoad): Step {
  const { conntrack } = execution.packet;
  if (conntrack === undefined) return notEvaluable("the packet's conntrack entry is not modelled");
  if (load.key === 'state') {
    execution.registers.writeNumber(load.dest, stateOf(conntrack), 4);
    return next;
  }
  if (typeof conntrack === 'string' || conntrack.template) return breakRule;
  const value = ofEntry(execution, load, conntrack);
  if (value === undefined) return breakRule;
  if (!(value instanceof Uint8Array)) return value;
  execution.registers.write(load.dest, value);
  return next;
}

/** `nft_ct_set_eval`: without an entry silently nothing (fact 64). */
export function evaluateConntrackSet(execution: Execution, set: Extract<Expression, { op: 'ct_set' }>): Step {
  const { conntrack } = execution.packet;
  if (conntrack === undefined) return notEvaluable("the packet's conntrack entry is not modelled");
  if (set.key !== 'mark' && set.key !== 'label' && set.key !== 'event')
    return notEvaluable(`ct ${set.key} set is not modelled`);
  if (typeof conntrack === 'string' || conntrack.template) return next;
  if (set.key === 'mark')
    execution.packet.conntrack = { ...conntrack, mark: execution.registers.readUint32(set.source) };
  if (set.key === 'label')
    execution.packet.conntrack = { ...conntrack, label: execution.registers.read(set.source, 16) };
  return next;
}

/** `nft_notrack_eval`: only a packet with neither entry nor mark becomes untracked. */
export function evaluateNotrack({ packet }: Execution): Step {
  if (packet.conntrack === undefined) return notEvaluable("the packet's conntrack entry is not modelled");
  if (packet.conntrack === 'none') packet.conntrack = 'untracked';
  return next;
}
