// What evaluation makes of a ruleset: every expression knows its type, width and byte order, every name is resolved,
// what nft implies (protocol tests, byte order conversions, masks of bit fields) stands as if it had been written.
// Linearization turns this into register code without looking anything up.

import type { ByteOrder, Datatype } from '../../model/datatype.ts';
import type { Family, Hook } from '../../model/family.ts';
import type { HeaderBase, HeaderField, Protocol } from '../../model/protocol.ts';
import type { Span } from '../../source/span.ts';
import type { Expression as SourceExpression } from '../nodes/index.ts';
import type { TemplateUse } from './templates.ts';
import type { TypedElements } from './typed-columns.ts';

/** A type of several parts, each of which starts on a 4-byte boundary. `bits` is the sum, padding included. */
export interface Concatenation extends Datatype {
  readonly parts: readonly Datatype[];
}

/** `bits` is the width of the value itself; where it is no multiple of 8, it is stored in whole bytes. */
export interface Typed {
  readonly span: Span;
  readonly type: Datatype;
  readonly bits: number;
  readonly order: ByteOrder;
}

/** A number; of a string, the first character is the lowest byte. */
export interface TypedValue extends Typed {
  readonly kind: 'value';
  readonly value: bigint;
}

/** `base` with only its first `length` bits given; of a string, the characters before the `*`. */
export interface TypedPrefix extends Typed {
  readonly kind: 'prefix';
  readonly base: TypedValue;
  readonly length: number;
}

/** Both ends included; `from` is less than `to`, except where a range over midnight was turned round. */
export interface TypedRange extends Typed {
  readonly kind: 'range';
  readonly from: TypedValue;
  readonly to: TypedValue;
}

export type TypedVerdictName = 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto';

export interface TypedVerdict extends Typed {
  readonly kind: 'verdict';
  readonly verdict: TypedVerdictName;
  /** With jump and goto. */
  readonly chain?: string;
}

/** How the expression of a field inside a tunnel header is run. */
export interface Tunnel {
  readonly type: number;
  readonly headerSize: number;
  readonly flags: number;
}

/** `offset` in bits, counted from the start of the base. */
export interface TypedPayload extends Typed {
  readonly kind: 'payload';
  readonly base: HeaderBase;
  readonly offset: number;
  /** Which field of which protocol it is; absent of raw payload. */
  readonly protocol?: Protocol;
  readonly field?: HeaderField;
  readonly tunnel?: Tunnel;
}

/** `key` as the register IR prints it, here and below. */
export interface TypedMeta extends Typed {
  readonly kind: 'meta';
  readonly key: string;
  readonly tunnel?: Tunnel;
}

export interface TypedCt extends Typed {
  readonly kind: 'ct';
  readonly key: string;
  readonly direction?: 'original' | 'reply';
}

/** `option` is the header's, option's or chunk's number; `offset` in bits from its start. */
export interface TypedExthdr extends Typed {
  readonly kind: 'exthdr';
  readonly header: 'ipv6' | 'tcpopt' | 'ipv4' | 'sctp' | 'dccp';
  readonly option: number;
  readonly offset: number;
  readonly present: boolean;
}

export interface TypedFib extends Typed {
  readonly kind: 'fib';
  readonly flags: readonly ('saddr' | 'daddr' | 'mark' | 'iif' | 'oif')[];
  readonly result: 'oif' | 'oifname' | 'type';
  readonly present: boolean;
}

export interface TypedRt extends Typed {
  readonly kind: 'rt';
  readonly key: string;
}

export interface TypedSocket extends Typed {
  readonly kind: 'socket';
  readonly key: string;
  readonly level?: number;
}

export interface TypedOsf extends Typed {
  readonly kind: 'osf';
  readonly ttl: 'true' | 'loose' | 'skip';
  readonly version: boolean;
}

export interface TypedXfrm extends Typed {
  readonly kind: 'xfrm';
  readonly direction: 'in' | 'out';
  readonly spnum: number;
  readonly key: string;
}

export interface TypedTunnelKey extends Typed {
  readonly kind: 'tunnel_key';
  readonly key: 'path' | 'id';
}

export interface TypedNumgen extends Typed {
  readonly kind: 'numgen';
  readonly mode: 'inc' | 'random';
  readonly modulus: number;
  readonly offset: number;
}

export interface TypedHash extends Typed {
  readonly kind: 'hash';
  /** Absent: the symmetric hash over the packet's addresses and ports. */
  readonly source?: TypedExpression;
  readonly seed?: number;
  readonly modulus: number;
  readonly offset: number;
}

export type BitOperator = 'and' | 'or' | 'xor' | 'left' | 'right';

/** Shifts have a constant `right`. */
export interface TypedBinary extends Typed {
  readonly kind: 'binary';
  readonly operator: BitOperator;
  readonly left: TypedExpression;
  readonly right: TypedExpression;
}

/** A conversion of `argument` to the other byte order. */
export interface TypedByteorder extends Typed {
  readonly kind: 'byteorder';
  readonly direction: 'hton' | 'ntoh';
  readonly argument: TypedExpression;
}

export interface TypedConcat extends Typed {
  readonly kind: 'concat';
  readonly parts: readonly TypedExpression[];
}

/** The value that `set` (a map) gives for `key`. */
export interface TypedMap extends Typed {
  readonly kind: 'map';
  readonly key: TypedExpression;
  readonly set: TypedSet;
}

export interface TypedSetReference extends Typed {
  readonly kind: 'set_reference';
  readonly set: TypedSet;
}

/** Elements of an anonymous set, before the set is made. */
export interface TypedSetLiteral extends Typed {
  readonly kind: 'set_literal';
  readonly elements: readonly TypedElement[];
  /** Some element is a range or prefix. */
  readonly interval: boolean;
  /** Of a set of one element without statements: its key. */
  readonly single?: TypedExpression;
}

export type TypedSelector =
  | TypedPayload
  | TypedMeta
  | TypedCt
  | TypedExthdr
  | TypedFib
  | TypedRt
  | TypedSocket
  | TypedOsf
  | TypedXfrm
  | TypedTunnelKey
  | TypedNumgen
  | TypedHash;

export type TypedConstant = TypedValue | TypedPrefix | TypedRange | TypedVerdict;

export type TypedExpression =
  | TypedConstant
  | TypedSelector
  | TypedBinary
  | TypedByteorder
  | TypedConcat
  | TypedMap
  | TypedSetReference
  | TypedSetLiteral;

/** One part of an element's key: a value is a range of one. Numbers as in TypedValue. */
export interface KeyPart {
  readonly from: bigint;
  readonly to: bigint;
}

/** What a map holds for an element: numbers (`interval`: written as a range or prefix), a verdict or an object's name. */
export type ElementData =
  | { readonly kind: 'value'; readonly parts: readonly KeyPart[]; readonly interval: boolean }
  | { readonly kind: 'verdict'; readonly verdict: TypedVerdictName; readonly chain?: string }
  | { readonly kind: 'object'; readonly name: string };

export interface TypedElement {
  readonly span: Span;
  readonly parts: readonly KeyPart[] | 'catchall';
  readonly data?: ElementData;
  readonly extras?: {
    /** Milliseconds. */
    readonly timeout?: bigint | 'never';
    readonly expires?: bigint;
    readonly comment?: string;
    readonly statements?: readonly TypedStateful[];
  };
}

/** One part of a key or of map data as it stands in registers. */
export interface TypedPart {
  readonly type: Datatype;
  readonly bits: number;
  readonly order: ByteOrder;
}

/** `interval`: each element gives a range of values. */
export type TypedMapData =
  | {
      readonly kind: 'value';
      readonly type: Datatype;
      readonly bits: number;
      readonly order: ByteOrder;
      readonly parts: readonly TypedPart[];
      readonly interval: boolean;
    }
  | { readonly kind: 'verdict'; readonly type: Datatype }
  | { readonly kind: 'object'; readonly objectType: number };

/**
 * A named or anonymous set or map. The same object is referred to by all its users; `flags` (NFT_SET_*) are final when
 * evaluation has ended, because a rule that adds to a set makes it a dynamic one.
 */
export interface TypedSet {
  readonly id: number;
  readonly name: string;
  readonly span: Span;
  readonly keyType: Datatype;
  readonly keyParts: readonly TypedPart[];
  readonly data?: TypedMapData;
  readonly flags: number;
  readonly autoMerge: boolean;
  readonly policy?: 'memory';
  readonly size?: number;
  /** How many elements may be added, where that is not the size: the kernel looks at the size from before the commands. */
  readonly capacity?: number;
  /** Milliseconds. */
  readonly timeout?: bigint;
  readonly gcInterval?: bigint;
  readonly statements: readonly TypedStateful[];
  readonly elements: TypedElements;
  readonly comment?: string;
  readonly handle?: number;
  /** What `typeof` named in the declaration. */
  readonly keyTypeof?: SourceExpression;
  readonly dataTypeof?: SourceExpression;
}

interface At {
  readonly span: Span;
}

export type TypedStateful = At &
  (
    | { readonly kind: 'counter'; readonly packets: bigint; readonly bytes: bigint }
    | {
        readonly kind: 'limit';
        readonly rate: bigint;
        /** Seconds. */
        readonly unit: bigint;
        readonly burst: number;
        readonly type: 'packets' | 'bytes';
        readonly over: boolean;
      }
    | { readonly kind: 'quota'; readonly bytes: bigint; readonly consumed: bigint; readonly over: boolean }
    | { readonly kind: 'connlimit'; readonly count: number; readonly over: boolean }
    | { readonly kind: 'last'; readonly milliseconds?: bigint }
  );

export type MatchOperator = 'implicit' | 'eq' | 'neq' | 'lt' | 'gt' | 'lte' | 'gte' | 'not';

/** `negate`: flags of which none may be set. */
export interface TypedMatch extends At {
  readonly kind: 'match';
  readonly operator: MatchOperator;
  readonly left: TypedExpression;
  readonly right: TypedExpression;
}

export type AddressFamily = 'ip' | 'ip6';

export interface TypedNat extends At {
  readonly kind: 'nat';
  readonly action: 'snat' | 'dnat' | 'masquerade' | 'redirect';
  readonly family?: AddressFamily | 'inet';
  readonly address?: TypedExpression;
  readonly port?: TypedExpression;
  /** NF_NAT_RANGE_*. */
  readonly flags: number;
  /** A map gives address and port together. */
  readonly concat: boolean;
  /** The map that gives the address gives intervals. */
  readonly interval: boolean;
}

export type TypedStatement =
  | TypedMatch
  | TypedStateful
  | TypedNat
  | (At &
      (
        | { readonly kind: 'verdict'; readonly verdict: TypedVerdict | TypedMap }
        | {
            readonly kind: 'anonymous_chain';
            readonly verdict: 'jump' | 'goto';
            /** A name that no other chain can have. */
            readonly chain: string;
          }
        | {
            readonly kind: 'payload_set';
            readonly target: TypedPayload;
            readonly value: TypedExpression;
            readonly checksum: Checksum;
          }
        | { readonly kind: 'exthdr_set'; readonly target: TypedExthdr; readonly value: TypedExpression }
        | { readonly kind: 'meta_set'; readonly key: string; readonly value: TypedExpression }
        | {
            readonly kind: 'ct_set';
            readonly key: string;
            readonly direction?: 'original' | 'reply';
            readonly value: TypedExpression;
          }
        | {
            readonly kind: 'log';
            readonly prefix?: string;
            readonly level?: number;
            readonly group?: number;
            readonly snaplen?: number;
            readonly queueThreshold?: number;
            readonly flags: number;
          }
        | { readonly kind: 'reject'; readonly type: number; readonly code: number }
        | {
            readonly kind: 'tproxy';
            readonly family?: AddressFamily;
            readonly address?: TypedExpression;
            readonly port?: TypedExpression;
          }
        | { readonly kind: 'queue'; readonly queue?: TypedExpression; readonly flags: number }
        | {
            readonly kind: 'dup';
            readonly address?: TypedExpression;
            readonly device?: TypedExpression;
          }
        | {
            readonly kind: 'fwd';
            readonly family?: AddressFamily;
            readonly address?: TypedExpression;
            readonly device: TypedExpression;
          }
        | { readonly kind: 'synproxy'; readonly mss: number; readonly wscale: number; readonly flags: number }
        | { readonly kind: 'notrack' }
        | { readonly kind: 'flow'; readonly flowtable: string }
        | { readonly kind: 'object'; readonly objectType: number; readonly name: string }
        | { readonly kind: 'object_map'; readonly key: TypedExpression; readonly set: TypedSet }
        | {
            readonly kind: 'dynset';
            readonly operation: 'add' | 'update' | 'delete';
            readonly set: TypedSet;
            readonly key: TypedExpression;
            readonly data?: TypedExpression;
            readonly timeout?: bigint;
            readonly statements: readonly TypedStateful[];
          }
        | { readonly kind: 'option_strip'; readonly option: number }
      ));

/** How a write to the packet mends checksums: NFT_PAYLOAD_CSUM_* and the byte offset of the sum. */
export interface Checksum {
  readonly type: number;
  readonly offset: number;
  readonly flags: number;
}

export interface TypedRule {
  /** Ordinal of the rule in the ruleset; given when all commands are applied. */
  id: number;
  /** That the kernel gives it; known when all commands are applied, as those of all else. */
  handle?: number;
  readonly span: Span;
  readonly statements: readonly TypedStatement[];
  readonly comment?: string | undefined;
  /** Of a rule like others: its statements are then made anew at each access. */
  readonly use?: TemplateUse;
  /** Of a rule like others: the anonymous sets that it makes. */
  readonly sets?: readonly TypedSet[];
}

export interface TypedBaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: Hook;
  readonly priority: number;
  readonly devices: readonly string[];
  readonly policy: 'accept' | 'drop';
  readonly offload?: true;
  /** Rank in the order of registration, over all tables. */
  readonly registered?: number;
}

export interface TypedChain {
  readonly handle?: number;
  readonly name: string;
  /** A chain that a rule makes for itself (`jump { … }`); its name only tells it apart. */
  readonly anonymous?: true;
  readonly span: Span;
  readonly base?: TypedBaseChain;
  readonly comment?: string;
  readonly rules: readonly TypedRule[];
}

/** State of the objects that are no statements. `family`: layer 3 protocol. */
export type ObjectProperties =
  | {
      readonly kind: 'ct helper';
      readonly helper: string;
      readonly protocol: 'tcp' | 'udp';
      readonly family: Family;
    }
  | {
      readonly kind: 'ct timeout';
      readonly protocol: 'tcp' | 'udp';
      readonly family: Family;
      /** Seconds, by state. */
      readonly policy: ReadonlyMap<string, bigint>;
    }
  | {
      readonly kind: 'ct expectation';
      readonly protocol: 'tcp' | 'udp';
      readonly family: Family;
      readonly dport: number;
      /** Milliseconds. */
      readonly timeout: bigint;
      readonly size: number;
    }
  | { readonly kind: 'secmark'; readonly context: string }
  /** `flags` are NF_SYNPROXY_OPT_*. */
  | { readonly kind: 'synproxy'; readonly mss: number; readonly wscale: number; readonly flags: number }
  | ({ readonly kind: 'tunnel' } & TunnelState);

export interface TunnelState {
  readonly id: number;
  readonly family: 'ip' | 'ip6';
  readonly source?: bigint;
  readonly destination?: bigint;
  readonly sport?: number;
  readonly dport?: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly options?: TunnelOptionsState;
}

export type TunnelOptionsState =
  | {
      readonly kind: 'erspan';
      readonly version: number;
      readonly index?: number;
      readonly direction?: 'ingress' | 'egress';
      readonly id?: number;
    }
  | { readonly kind: 'vxlan'; readonly gbp: number }
  | {
      readonly kind: 'geneve';
      readonly options: readonly { readonly class: number; readonly type: number; readonly data: string }[];
    };

export interface FlowtableProperties {
  readonly priority: number;
  readonly devices: readonly string[];
  readonly counter: boolean;
  readonly offload: boolean;
}

export interface TypedFlowtable extends FlowtableProperties {
  readonly handle?: number;
  readonly name: string;
  readonly span: Span;
}

export interface TypedObject {
  readonly handle?: number;
  /** `counter`, `ct helper`, … */
  readonly kind: string;
  /** NFT_OBJECT_*. */
  readonly type: number;
  readonly name: string;
  readonly span: Span;
  readonly state?: TypedStateful;
  readonly properties?: ObjectProperties;
  readonly comment?: string;
}

export interface TypedTable {
  readonly handle?: number;
  readonly family: Family;
  readonly name: string;
  readonly span: Span;
  readonly dormant: boolean;
  readonly chains: readonly TypedChain[];
  readonly sets: readonly TypedSet[];
  readonly objects: readonly TypedObject[];
  readonly flowtables: readonly TypedFlowtable[];
  /** Flags other than `dormant`: `owner`, `persist`. */
  readonly flags?: readonly string[];
  readonly comment?: string;
}

export interface TypedRuleset {
  readonly tables: readonly TypedTable[];
  /** What commands made and took away again: what is wrong with it is wrong with the ruleset. */
  readonly discarded?: { readonly rules: readonly TypedRule[]; readonly sets: readonly TypedSet[] };
}
