// Keys of the `meta` expression: facts of the packet that the kernel knows beside its bytes.

import type { ByteOrder, Datatype } from './datatype.ts';
import * as types from './datatype.ts';

export interface MetaKey {
  /** As nft prints it. */
  readonly name: string;
  /** As the register IR prints it. */
  readonly irName: string;
  /** NFT_META_* */
  readonly number: number;
  readonly type: Datatype;
  /** Bits of the value in the language; registers get whole bytes. */
  readonly bits: number;
  readonly order: Exclude<ByteOrder, 'none'>;
  /** May stand without the word `meta` before it. */
  readonly bare: boolean;
  /** `meta KEY set` is a statement. */
  readonly settable: boolean;
  /** Only tables of this family load it. */
  readonly family?: 'bridge';
}

interface Flags {
  readonly order?: 'network' | 'host';
  readonly bare?: boolean;
  readonly settable?: boolean;
  readonly family?: 'bridge';
  readonly irName?: string;
}

function key(number: number, name: string, type: Datatype, bits: number, flags: Flags = {}): MetaKey {
  const { order = 'host', bare = false, settable = false, irName = name, family } = flags;
  const facts = { name, irName, number, type, bits, order, bare, settable };
  return family === undefined ? facts : { ...facts, family };
}

const bare: Flags = { bare: true };

const list: readonly MetaKey[] = [
  key(0, 'length', types.integerType, 32, { irName: 'len' }),
  key(1, 'protocol', types.etherTypeType, 16, { order: 'network' }),
  key(2, 'priority', types.classidType, 32, { settable: true }),
  key(3, 'mark', types.markType, 32, { bare: true, settable: true }),
  key(4, 'iif', types.interfaceIndexType, 32, bare),
  key(5, 'oif', types.interfaceIndexType, 32, bare),
  key(6, 'iifname', types.interfaceNameType, 128, bare),
  key(7, 'oifname', types.interfaceNameType, 128, bare),
  key(8, 'iiftype', types.interfaceTypeType, 16, bare),
  key(9, 'oiftype', types.interfaceTypeType, 16, bare),
  key(10, 'skuid', types.userType, 32, bare),
  key(11, 'skgid', types.groupType, 32, bare),
  key(12, 'nftrace', types.integerType, 1, { bare: true, settable: true }),
  key(13, 'rtclassid', types.realmType, 32, bare),
  key(14, 'secmark', types.integerType, 32, { settable: true }),
  key(15, 'nfproto', types.netfilterProtocolType, 8),
  key(16, 'l4proto', types.inetProtocolType, 8),
  key(17, 'ibrname', types.interfaceNameType, 128, { bare: true, irName: 'bri_iifname', family: 'bridge' }),
  key(18, 'obrname', types.interfaceNameType, 128, { bare: true, irName: 'bri_oifname', family: 'bridge' }),
  key(19, 'pkttype', types.packetTypeType, 8, { bare: true, settable: true }),
  key(20, 'cpu', types.integerType, 32, bare),
  key(21, 'iifgroup', types.deviceGroupType, 32, bare),
  key(22, 'oifgroup', types.deviceGroupType, 32, bare),
  key(23, 'cgroup', types.integerType, 32, bare),
  // A random number has no byte order; network order saves a conversion before ordered comparisons.
  key(24, 'random', types.integerType, 32, { order: 'network', irName: 'prandom' }),
  key(25, 'ipsec', types.booleanType, 8, { bare: true, irName: 'secpath' }),
  key(26, 'iifkind', types.interfaceNameType, 128),
  key(27, 'oifkind', types.interfaceNameType, 128),
  key(28, 'ibrpvid', types.integerType, 16, { irName: 'bri_iifpvid', family: 'bridge' }),
  key(29, 'ibrvproto', types.etherTypeType, 16, {
    order: 'network',
    irName: 'bri_iifvproto',
    family: 'bridge',
  }),
  key(30, 'time', types.dateType, 64, bare),
  key(31, 'day', types.dayType, 8, bare),
  key(32, 'hour', types.hourType, 32, bare),
  key(33, 'sdif', types.interfaceIndexType, 32),
  key(34, 'sdifname', types.interfaceNameType, 128),
  key(35, 'broute', types.integerType, 1, { settable: true, family: 'bridge' }),
  key(37, 'ibrhwaddr', types.etherAddressType, 48, {
    order: 'network',
    family: 'bridge',
  }),
];

/** By the name nft prints. */
export const metaKeys: ReadonlyMap<string, MetaKey> = new Map(list.map(entry => [entry.name, entry]));

/** Older spellings that nft still reads. */
export const metaKeyAliases: ReadonlyMap<string, string> = new Map([
  ['ibriport', 'ibrname'],
  ['obriport', 'obrname'],
  ['secpath', 'ipsec'],
]);
