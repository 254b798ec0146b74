// Records of log statements, as a reader of the ring buffer takes them out: what the statement says and what the packet was.
// The layout is that of model/log-record.ts; docs/loading.md explains it.

import type { RuleId } from '../lower/linear/ir.ts';
import type { MapRole } from '../lower/program.ts';
import { logRecord, longestLink, nobody } from '../model/log-record.ts';

/** What `decodeLog` needs of a map: a `BpfMap`, or a map of the manifest. */
export interface LogMap {
  readonly role: Extract<MapRole, { kind: 'log' }> | { readonly kind: string };
}

/** One execution of a log statement. */
export interface LogRecord {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly rule: RuleId;
  /** Ordinal of the statement among the rule's log statements. */
  readonly statement: number;
  readonly prefix?: string;
  /** Syslog level, 8 for audit. */
  readonly level?: number;
  /** nfnetlink_log group. */
  readonly group?: number;
  /** The statement is `meta nftrace set 1`. */
  readonly trace?: true;
  /** NF_LOG_* bits of the statement. */
  readonly flags: number;
  /** Nanoseconds of CLOCK_MONOTONIC. */
  readonly time: bigint;
  /** NFPROTO_* of the hook: 2 IPv4, 5 a device's ingress or egress, 10 IPv6. */
  readonly nfproto: number;
  /** NF_INET_*, or at a device NF_NETDEV_* (0 ingress, 1 egress). */
  readonly hook: number;
  /** Indexes of the hook's devices; absent where it has none. */
  readonly input?: number;
  readonly output?: number;
  readonly mark: number;
  /** User and group of the socket's file, for `flags skuid`; absent where there is none. */
  readonly owner?: { readonly user: number; readonly group: number };
  /** EtherType (skb->protocol). */
  readonly protocol: number;
  /** Bytes of the packet, as `meta length` has it. */
  readonly length: number;
  /** The link header, empty where there is none. A VLAN tag that the kernel keeps beside the packet is not in it. */
  readonly link: Uint8Array;
  /** The packet's first bytes, from the network header on. */
  readonly packet: Uint8Array;
}

function statementsOf({ role }: LogMap): Extract<MapRole, { kind: 'log' }>['statements'] {
  return role.kind === 'log' && 'statements' in role ? role.statements : [];
}

/**
 * Reads a record of the map of role `log`. Undefined if it is none: another map's role, a record of another ruleset or
 * one that was cut.
 *
 * @param record the bytes of one ring buffer record, as the kernel gives them (little endian).
 */
export function decodeLog(map: LogMap, record: Uint8Array): LogRecord | undefined {
  if (record.length < logRecord.packet) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const number = (at: number): number => view.getUint32(at, true);
  const said = statementsOf(map)[number(logRecord.statement)];
  const captured = view.getUint16(logRecord.captured, true);
  const linkLength = view.getUint8(logRecord.linkLength);
  if (said === undefined || linkLength > longestLink || logRecord.packet + captured > record.length)
    return undefined;
  const { snaplen: _, queueThreshold: __, capture: ___, ...statement } = said;
  const [input, output] = [number(logRecord.input), number(logRecord.output)];
  const owner = { user: number(logRecord.user), group: number(logRecord.group) };
  return {
    ...statement,
    time: view.getBigUint64(logRecord.time, true),
    nfproto: view.getUint8(logRecord.family),
    hook: view.getUint8(logRecord.hook),
    ...(input !== 0 && { input }),
    ...(output !== 0 && { output }),
    mark: number(logRecord.mark),
    ...(owner.user !== nobody && { owner }),
    protocol: view.getUint16(logRecord.protocol),
    length: number(logRecord.length),
    link: record.slice(logRecord.link, logRecord.link + linkLength),
    packet: record.slice(logRecord.packet, logRecord.packet + captured),
  };
}
