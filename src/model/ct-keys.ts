// Keys of the `ct` expression: what connection tracking knows of a packet's flow.

import type { ByteOrder, Datatype } from './datatype.ts';
import * as types from './datatype.ts';

export interface ConntrackKey {
  /** As written; the addresses of a direction are two words (`ip saddr`). */
  readonly name: string;
  /** As the register IR prints it. */
  readonly irName: string;
  /** NFT_CT_* */
  readonly number: number;
  /** Of `saddr` and `daddr` the family of the rule decides: invalidType, 0 bits. */
  readonly type: Datatype;
  readonly bits: number;
  readonly order: Exclude<ByteOrder, 'none'>;
  /** Whether `original` or `reply` stands before it; where nft would let it be left out, the kernel refuses. */
  readonly direction: 'required' | 'optional' | 'none';
  /** `ct KEY set` is a statement (`helper`, `timeout` and `expectation` set objects and are not here). */
  readonly settable: boolean;
}

type Direction = ConntrackKey['direction'];

interface Flags {
  readonly direction?: Direction;
  readonly order?: 'network';
  readonly settable?: boolean;
  readonly irName?: string;
}

function key(number: number, name: string, type: Datatype, bits: number, flags: Flags = {}): ConntrackKey {
  const { direction = 'none', order = 'host', settable = false, irName = name } = flags;
  return { name, irName, number, type, bits, order, direction, settable };
}

const settable: Flags = { settable: true };
const optional: Flags = { direction: 'optional' };

const list: readonly ConntrackKey[] = [
  key(0, 'state', types.conntrackStateType, 32),
  key(1, 'direction', types.conntrackDirectionType, 8),
  key(2, 'status', types.conntrackStatusType, 32),
  key(3, 'mark', types.markType, 32, settable),
  key(4, 'secmark', types.integerType, 32, settable),
  key(5, 'expiration', types.durationType, 32),
  key(6, 'helper', types.stringType, 128),
  key(7, 'l3proto', types.netfilterProtocolType, 8, { direction: 'optional', irName: 'l3protocol' }),
  key(8, 'saddr', types.invalidType, 0, { direction: 'required', order: 'network', irName: 'src' }),
  key(9, 'daddr', types.invalidType, 0, { direction: 'required', order: 'network', irName: 'dst' }),
  key(10, 'protocol', types.inetProtocolType, 8, { direction: 'optional', order: 'network' }),
  key(11, 'proto-src', types.inetServiceType, 16, {
    direction: 'required',
    order: 'network',
    irName: 'proto_src',
  }),
  key(12, 'proto-dst', types.inetServiceType, 16, {
    direction: 'required',
    order: 'network',
    irName: 'proto_dst',
  }),
  key(13, 'label', types.conntrackLabelType, 128, { settable: true, irName: 'label' }),
  key(14, 'packets', types.integerType, 64, optional),
  key(15, 'bytes', types.integerType, 64, optional),
  key(16, 'avgpkt', types.integerType, 64, optional),
  key(17, 'zone', types.integerType, 16, { direction: 'optional', settable: true }),
  key(18, 'event', types.conntrackEventType, 32, settable),
  key(19, 'ip saddr', types.ipv4AddressType, 32, {
    direction: 'required',
    order: 'network',
    irName: 'src_ip',
  }),
  key(20, 'ip daddr', types.ipv4AddressType, 32, {
    direction: 'required',
    order: 'network',
    irName: 'dst_ip',
  }),
  key(21, 'ip6 saddr', types.ipv6AddressType, 128, {
    direction: 'required',
    order: 'network',
    irName: 'src_ip6',
  }),
  key(22, 'ip6 daddr', types.ipv6AddressType, 128, {
    direction: 'required',
    order: 'network',
    irName: 'dst_ip6',
  }),
  key(23, 'id', types.integerType, 32, { order: 'network' }),
];

/** By name. */
export const conntrackKeys: ReadonlyMap<string, ConntrackKey> = new Map(
  list.map(entry => [entry.name, entry]),
);
