// The register IR: nf_tables' own expressions on nf_tables' own registers (uapi/linux/netfilter/nf_tables.h).
// It is what the kernel would run for a ruleset; it prints as `nft --debug=netlink` prints it, and it has an
// evaluator (eval/) that is this project's definition of what a ruleset means.

import type { Expression as SourceExpression } from '../../ast/nodes/index.ts';
import type { FlowtableProperties, ObjectProperties, TypedPart } from '../../ast/type/typed.ts';
import type { Family, Hook } from '../../model/family.ts';
import type { Span } from '../../source/span.ts';

declare const brand: unique symbol;

/** Ordinal of a rule in the ruleset; survives every stage. */
export type RuleId = number & { readonly [brand]: 'rule' };
/** Identity of a set within a ruleset. Anonymous sets all print as `__set%d` or `__map%d`; this tells them apart. */
export type SetId = number & { readonly [brand]: 'set' };
/** A 32-bit word of the register file, 0..15. Word 4n prints as `reg n+1`, any other word w as `reg 8+w`. */
export type Register = number & { readonly [brand]: 'register' };

/**
 * One part of a value: its length in bytes (without padding) and how it is to be read as a number. Parts of a
 * concatenation each start on a 4-byte boundary. The order matters for print only: `Value.bytes` is memory order.
 */
export interface ValuePart {
  readonly length: number;
  readonly order: 'network' | 'host';
}

/** Constant data as it stands in registers: bytes in memory order of the target machine. */
export interface Value {
  readonly bytes: Uint8Array;
  readonly parts: readonly ValuePart[];
}

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'continue' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export type PayloadBase = 'link' | 'network' | 'transport' | 'inner' | 'tunnel';
export type CompareOperator = 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte';

/** Lengths and offsets are in bytes. `dest` and `source` are the first word used. */
export type Expression =
  | {
      readonly op: 'payload';
      readonly base: PayloadBase;
      readonly offset: number;
      readonly length: number;
      readonly dest: Register;
    }
  | {
      readonly op: 'payload_write';
      readonly base: PayloadBase;
      readonly offset: number;
      readonly length: number;
      readonly source: Register;
      readonly checksumType: number;
      readonly checksumOffset: number;
      readonly checksumFlags: number;
    }
  | {
      readonly op: 'exthdr';
      readonly header: 'ipv6' | 'tcpopt' | 'ipv4' | 'sctp' | 'dccp';
      readonly type: number;
      readonly offset: number;
      readonly length: number;
      readonly present: boolean;
      readonly dest: Register;
    }
  | {
      readonly op: 'exthdr_write';
      readonly header: 'tcpopt';
      readonly type: number;
      readonly offset: number;
      readonly length: number;
      readonly source: Register;
    }
  | { readonly op: 'exthdr_reset'; readonly header: 'tcpopt'; readonly type: number }
  | { readonly op: 'meta'; readonly key: string; readonly dest: Register }
  | { readonly op: 'meta_set'; readonly key: string; readonly source: Register }
  | {
      readonly op: 'ct';
      readonly key: string;
      readonly direction?: 'original' | 'reply';
      readonly dest: Register;
    }
  | {
      readonly op: 'ct_set';
      readonly key: string;
      readonly direction?: 'original' | 'reply';
      readonly source: Register;
    }
  | {
      readonly op: 'cmp';
      readonly operator: CompareOperator;
      readonly source: Register;
      readonly value: Value;
    }
  | {
      readonly op: 'range';
      readonly invert: boolean;
      readonly source: Register;
      readonly from: Value;
      readonly to: Value;
    }
  | {
      readonly op: 'bitwise';
      readonly source: Register;
      readonly dest: Register;
      readonly length: number;
      readonly mask: Value;
      readonly xor: Value;
    }
  | {
      readonly op: 'bitwise_shift';
      readonly direction: 'left' | 'right';
      readonly source: Register;
      readonly dest: Register;
      readonly length: number;
      readonly shift: number;
    }
  | {
      readonly op: 'bitwise_register';
      readonly operator: 'and' | 'or' | 'xor';
      readonly source: Register;
      readonly source2: Register;
      readonly dest: Register;
      readonly length: number;
    }
  | {
      readonly op: 'byteorder';
      readonly direction: 'hton' | 'ntoh';
      readonly source: Register;
      readonly dest: Register;
      readonly length: number;
      readonly size: 2 | 4 | 8;
    }
  /** `dest` absent: a set. `verdict`: a verdict map. A register: a map. */
  | {
      readonly op: 'lookup';
      readonly source: Register;
      readonly set: SetId;
      readonly invert: boolean;
      readonly dest?: Register | 'verdict';
    }
  | { readonly op: 'immediate'; readonly dest: Register; readonly value: Value }
  | { readonly op: 'verdict'; readonly verdict: Verdict }
  | { readonly op: 'counter'; readonly packets: bigint; readonly bytes: bigint }
  /** `unit` in seconds. `burst` as sent (packets: 5 if the user gave none). */
  | {
      readonly op: 'limit';
      readonly rate: bigint;
      readonly unit: bigint;
      readonly burst: number;
      readonly type: 'packets' | 'bytes';
      readonly over: boolean;
    }
  | { readonly op: 'quota'; readonly bytes: bigint; readonly consumed: bigint; readonly over: boolean }
  | {
      readonly op: 'log';
      readonly prefix?: string;
      readonly level?: number;
      readonly group?: number;
      readonly snaplen?: number;
      readonly queueThreshold?: number;
      readonly flags: number;
    }
  | { readonly op: 'objref'; readonly type: number; readonly name: string }
  | { readonly op: 'objref_map'; readonly source: Register; readonly set: SetId }
  | {
      readonly op: 'numgen';
      readonly mode: 'inc' | 'random';
      readonly modulus: number;
      readonly offset: number;
      readonly dest: Register;
    }
  | {
      readonly op: 'hash';
      readonly type: 'jenkins' | 'symmetric';
      readonly source?: Register;
      readonly length?: number;
      readonly seed?: number;
      readonly modulus: number;
      readonly offset: number;
      readonly dest: Register;
    }
  | { readonly op: 'reject'; readonly type: number; readonly code: number }
  | { readonly op: 'notrack' }
  /** `milliseconds` ago; absent: never. */
  | { readonly op: 'last'; readonly milliseconds?: bigint }
  | { readonly op: 'connlimit'; readonly count: number; readonly over: boolean }
  /** `result` as printed: `oif`, `oifname`, `type`. `present` asks whether there is one. */
  | {
      readonly op: 'fib';
      readonly flags: readonly ('saddr' | 'daddr' | 'mark' | 'iif' | 'oif')[];
      readonly result: 'oif' | 'oifname' | 'type';
      readonly present: boolean;
      readonly dest: Register;
    }
  /** `key` as printed: `classid`, `nexthop4`, `nexthop6`, `tcpmss`, `ipsec`. */
  | { readonly op: 'rt'; readonly key: string; readonly dest: Register }
  | { readonly op: 'socket'; readonly key: string; readonly level?: number; readonly dest: Register }
  | {
      readonly op: 'osf';
      readonly ttl: 'true' | 'loose' | 'skip';
      readonly version: boolean;
      readonly dest: Register;
    }
  /** `key` as printed: `spi`, `reqid`, `saddr4`, `daddr6`, … */
  | {
      readonly op: 'xfrm';
      readonly direction: 'in' | 'out';
      readonly spnum: number;
      readonly key: string;
      readonly dest: Register;
    }
  | { readonly op: 'tunnel'; readonly key: 'path' | 'id'; readonly dest: Register }
  /** Runs `expression` on the packet inside a tunnel. `flags` are NFT_INNER_*; `headerSize` in bytes. */
  | {
      readonly op: 'inner';
      readonly type: number;
      readonly headerSize: number;
      readonly flags: number;
      readonly expression: Extract<Expression, { readonly op: 'payload' | 'meta' }>;
    }
  /** `family` `inet` only without an address. `flags` are NF_NAT_RANGE_*. */
  | {
      readonly op: 'nat';
      readonly type: 'snat' | 'dnat';
      readonly family: 'ip' | 'ip6' | 'inet';
      readonly addressMin?: Register;
      readonly addressMax?: Register;
      readonly protoMin?: Register;
      readonly protoMax?: Register;
      readonly flags: number;
    }
  | {
      readonly op: 'masq' | 'redir';
      readonly protoMin?: Register;
      readonly protoMax?: Register;
      readonly flags: number;
    }
  | {
      readonly op: 'tproxy';
      readonly family?: 'ip' | 'ip6';
      readonly address?: Register;
      readonly port?: Register;
    }
  /** `total` queues from `first` on. `flags`: 1 bypass, 2 fanout. */
  | { readonly op: 'queue'; readonly first: number; readonly total: number; readonly flags: number }
  | { readonly op: 'queue_register'; readonly source: Register; readonly flags: number }
  | { readonly op: 'dup'; readonly address?: Register; readonly device?: Register }
  | {
      readonly op: 'fwd';
      readonly device: Register;
      readonly address?: Register;
      readonly family?: 'ip' | 'ip6';
    }
  /** `flags` are NF_SYNPROXY_OPT_*. */
  | { readonly op: 'synproxy'; readonly mss: number; readonly wscale: number; readonly flags: number }
  /** `timeout` in milliseconds, absent: the set's. `expressions` are cloned into elements that the statement makes. */
  | {
      readonly op: 'dynset';
      readonly operation: 'add' | 'update' | 'delete';
      readonly set: SetId;
      readonly key: Register;
      readonly data?: Register;
      readonly timeout?: bigint;
      readonly expressions: readonly Expression[];
    }
  | { readonly op: 'flow_offload'; readonly flowtable: string }
  /** Anything the IR prints but no target decides yet: `text` is what stands between the brackets. */
  | { readonly op: 'other'; readonly name: string; readonly text: string; readonly terminal: boolean };

export interface IrRule {
  readonly id: RuleId;
  readonly span: Span;
  readonly expressions: readonly Expression[];
  /** origins[i] is the source of expressions[i]. */
  readonly origins: readonly Span[];
  readonly comment?: string | undefined;
  /** That the kernel gives it, as those of all else in a table. */
  readonly handle?: number | undefined;
}

export interface IrBaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: Hook;
  readonly priority: number;
  /** Device names, for ingress and egress; empty elsewhere. */
  readonly devices: readonly string[];
  readonly policy: 'accept' | 'drop';
  /** `flags offload`: the device is asked to run the chain. */
  readonly offload?: true;
  /**
   * Rank in the order in which the base chains of all tables were registered, where that is not the order in which the
   * ruleset lists them (a table that is opened twice, a table that was dormant).
   */
  readonly registered?: number;
}

export interface IrChain {
  readonly name: string;
  /** A chain that a rule made for itself (`jump { … }`): its name only tells it apart and is not printed. */
  readonly anonymous?: true;
  readonly span: Span;
  readonly base?: IrBaseChain;
  readonly comment?: string;
  readonly rules: readonly IrRule[];
  readonly handle?: number;
}

/** Bits of `IrSet.flags`. */
export { SetFlag } from '../../model/set-flags.ts';

/** NFT_SET_ELEM_* bits of an element's flags. */
export const ElementFlag = { intervalEnd: 0x1, catchall: 0x2 } as const;

/**
 * Elements as columns: a set of 100,000 is a few byte arrays, not 100,000 objects. Keys are in memory order, each part
 * padded to 4 bytes. Single-field intervals are nf_tables' half-open pairs: an element, then one with `intervalEnd`.
 * Concatenated intervals have a key and an (inclusive) key end.
 */
export interface Elements {
  readonly count: number;
  /** count * keyLength bytes. */
  readonly keys: Uint8Array;
  /** count * keyLength bytes, in concatenated interval sets only. */
  readonly keyEnds?: Uint8Array;
  /** ElementFlag bits, one byte an element. */
  readonly flags: Uint8Array;
  /** count * dataLength bytes, in maps to values. */
  readonly data?: Uint8Array;
  /** One an element, in verdict maps (undefined for end elements). */
  readonly verdicts?: readonly (Verdict | undefined)[];
  /** One an element, in object maps. */
  readonly objects?: readonly (string | undefined)[];
  /** What few elements have: by element index. Times in milliseconds. */
  readonly extras?: ReadonlyMap<
    number,
    {
      readonly timeout?: bigint;
      readonly expires?: bigint;
      readonly expressions?: readonly Expression[];
      readonly comment?: string;
    }
  >;
  /** Source of each element, if kept. */
  readonly spans?: readonly Span[];
}

/** The type of a key or of data, by its parts; with the expression that `typeof` named, if it was declared so. */
export interface IrType {
  readonly parts: readonly TypedPart[];
  readonly typeof?: SourceExpression;
}

/** What nf_tables keeps of a set for user space and never looks at: how the set is listed. */
export interface IrSetUserData {
  readonly key: IrType;
  /** Of maps to values; where elements give ranges, of one value. */
  readonly data?: IrType;
  readonly autoMerge?: true;
  readonly comment?: string;
}

export interface IrSet {
  readonly id: SetId;
  readonly name: string;
  readonly span: Span;
  /** SetFlag bits. */
  readonly flags: number;
  /** Bytes of a key, padding of its parts included; a single part is not padded. */
  readonly keyLength: number;
  readonly keyParts: readonly ValuePart[];
  /**
   * Of a concatenation with ranges: how many bytes of each part the kernel compares (NFTA_SET_FIELD_LEN); absent if it is all
   * of them. nft counts the bits of the datatype, which may be fewer than those of the value (`ip6 dscp`).
   */
  readonly fieldLengths?: readonly number[];
  readonly data?:
    | {
        readonly kind: 'value';
        readonly length: number;
        readonly parts: readonly ValuePart[];
        /** Elements give ranges: the parts are those of the first value, then those of the last. */
        readonly interval?: true;
      }
    | { readonly kind: 'verdict' }
    | { readonly kind: 'object'; readonly type: number };
  /** Largest number of elements, if the user gave one. */
  readonly size?: number;
  /** What the kernel is asked to spare; `performance` if absent. */
  readonly policy?: 'performance' | 'memory';
  /** Default timeout and garbage collection interval, in milliseconds. */
  readonly timeout?: bigint;
  readonly gcInterval?: bigint;
  /** Statements that every element carries (`counter` in a set declaration). */
  readonly expressions?: readonly Expression[];
  readonly elements: Elements;
  readonly userData?: IrSetUserData;
  readonly handle?: number;
}

/** A named stateful object; `expression` is its state as the anonymous form would have it. */
export interface IrObject {
  readonly kind: string;
  /** NFT_OBJECT_* number. */
  readonly type: number;
  readonly name: string;
  readonly span: Span;
  readonly expression?: Expression;
  /** State that no expression has. */
  readonly properties?: ObjectProperties;
  readonly comment?: string;
  readonly handle?: number;
}

export interface IrFlowtable extends FlowtableProperties {
  readonly handle?: number;
  readonly name: string;
  readonly span: Span;
}

export interface IrTable {
  readonly family: Family;
  readonly name: string;
  readonly span: Span;
  readonly dormant: boolean;
  /** In order of declaration; nf_tables registers base chains in this order. */
  readonly chains: readonly IrChain[];
  /** Named and anonymous sets; `SetId` is unique over the whole ruleset. */
  readonly sets: readonly IrSet[];
  readonly objects: readonly IrObject[];
  readonly flowtables?: readonly IrFlowtable[];
  /** Flags other than `dormant`: `owner`, `persist`. */
  readonly flags?: readonly string[];
  readonly comment?: string;
  /** Tables are counted by themselves. */
  readonly handle?: number;
}

export interface IrRuleset {
  readonly tables: readonly IrTable[];
}
