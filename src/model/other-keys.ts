// Keys of the smaller selector expressions: rt, socket, ipsec (xfrm), tunnel, osf, fib.

import type { ByteOrder, Datatype } from './datatype.ts';
import * as types from './datatype.ts';

export interface SelectorKey {
  readonly name: string;
  readonly irName: string;
  /** The kernel's number of the key. */
  readonly number: number;
  readonly type: Datatype;
  readonly bits: number;
  readonly order: Exclude<ByteOrder, 'none'>;
}

function key(
  number: number,
  name: string,
  irName: string,
  type: Datatype,
  bits: number,
  order: SelectorKey['order'] = 'host',
): SelectorKey {
  return { number, name, irName, type, bits, order };
}

function byName(...list: readonly SelectorKey[]): ReadonlyMap<string, SelectorKey> {
  return new Map(list.map(entry => [entry.name, entry]));
}

/** `nexthop` is one of two keys: `ip nexthop` or `ip6 nexthop`, or as the rule's family says. */
export const routeKeys: ReadonlyMap<string, SelectorKey> = byName(
  key(0, 'classid', 'classid', types.realmType, 32),
  key(1, 'ip nexthop', 'nexthop4', types.ipv4AddressType, 32, 'network'),
  key(2, 'ip6 nexthop', 'nexthop6', types.ipv6AddressType, 128, 'network'),
  key(3, 'mtu', 'tcpmss', types.integerType, 16),
  key(4, 'ipsec', 'ipsec', types.booleanType, 8),
);

export const socketKeys: ReadonlyMap<string, SelectorKey> = byName(
  key(0, 'transparent', 'transparent', types.integerType, 8),
  key(1, 'mark', 'mark', types.markType, 32),
  key(2, 'wildcard', 'wildcard', types.integerType, 8),
  key(3, 'cgroupv2', 'cgroupv2', types.cgroupType, 64),
);

/** Names are `ip saddr` and so on where the address family is part of the key. */
export const ipsecKeys: ReadonlyMap<string, SelectorKey> = byName(
  key(1, 'ip daddr', 'daddr4', types.ipv4AddressType, 32, 'network'),
  key(2, 'ip6 daddr', 'daddr6', types.ipv6AddressType, 128, 'network'),
  key(3, 'ip saddr', 'saddr4', types.ipv4AddressType, 32, 'network'),
  key(4, 'ip6 saddr', 'saddr6', types.ipv6AddressType, 128, 'network'),
  key(5, 'reqid', 'reqid', types.integerType, 32),
  key(6, 'spi', 'spi', types.integerType, 32, 'network'),
);

export const tunnelKeys: ReadonlyMap<string, SelectorKey> = byName(
  key(0, 'path', 'path', types.booleanType, 8),
  key(1, 'id', 'id', types.integerType, 32),
);

/** `osf name`, a genre of at most 16 bytes, zero byte included. */
export const fingerprintKey: SelectorKey = key(0, 'name', 'osf', types.stringType, 128);

/** Results of a `fib` look-up. `check` is `oif` with the flag "present": a boolean of 8 bits. */
export const fibResults: ReadonlyMap<string, SelectorKey> = byName(
  key(1, 'oif', 'oif', types.interfaceIndexType, 32),
  key(2, 'oifname', 'oifname', types.interfaceNameType, 128),
  key(3, 'type', 'type', types.addressTypeType, 32),
);

/** NFTA_FIB_F_* bits of the words before the result. */
export const fibFlags: ReadonlyMap<string, number> = new Map([
  ['saddr', 1],
  ['daddr', 2],
  ['mark', 4],
  ['iif', 8],
  ['oif', 16],
]);
export const fibPresentFlag = 32;
