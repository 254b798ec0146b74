// Expressions. Left-hand sides, right-hand sides, set elements and statement arguments use one union; which of them
// may stand where is the grammar's business.

import type { Span } from '../../source/span.ts';
import type { Name, NodeBase, NumberLiteral, TextLiteral, TimeLiteral } from './node.ts';
import type { StatefulStatement } from './statement.ts';

/**
 * A word whose meaning depends on the type that is wanted: a symbol (`ssh`, `established`), an address, a time, an
 * interface name. `form` tells how it was written; `wildcard` ends in an unescaped `*` (also possible inside quotes,
 * where it means the same). Text is without quotes, brackets (`[::1]`) removed.
 */
export interface SymbolExpression extends NodeBase {
  readonly kind: 'symbol';
  readonly text: string;
  readonly form: 'plain' | 'quoted' | 'wildcard' | 'keyword';
}

/**
 * A keyword that brings its own type to a right-hand side, whatever type is wanted there: `tcp` is an inet_proto,
 * `redirect` an icmp_type, `exists` and `missing` are boolean.
 */
export interface TypedSymbolExpression extends NodeBase {
  readonly kind: 'typed_symbol';
  readonly text: string;
  readonly type: 'inet_proto' | 'icmp_type' | 'boolean';
}

/**
 * `$name`, resolved in the scopes of its place. `value` is what the name was defined as there; it is shared by all
 * uses, so a tree walked through `value` can be exponentially larger than its text: count what you expand.
 */
export interface VariableExpression extends NodeBase {
  readonly kind: 'variable';
  readonly name: string;
  readonly value: Expression;
}

/** `base/length`. Length in bits. */
export interface PrefixExpression extends NodeBase {
  readonly kind: 'prefix';
  readonly base: Expression;
  readonly length: NumberLiteral;
}

/** `from-to`, both ends included. */
export interface RangeExpression extends NodeBase {
  readonly kind: 'range';
  readonly from: Expression;
  readonly to: Expression;
}

/** `a . b . c`, flat. */
export interface ConcatExpression extends NodeBase {
  readonly kind: 'concat';
  readonly parts: readonly Expression[];
}

/** `a, b, c` outside of braces: flags to be combined. */
export interface ListExpression extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}

export type BinaryOperator = '&' | '|' | '^' | '<<' | '>>';

/** The word forms `and`, `or`, `xor`, `lshift`, `rshift` are the same. Parentheses leave no trace. */
export interface BinaryExpression extends NodeBase {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `*` as the key of an element. */
export interface CatchallExpression extends NodeBase {
  readonly kind: 'catchall';
}

/** An element of a set or map, also the key of a dynamic set statement. A set may stand as a key in a set literal. */
export interface Element extends NodeBase {
  readonly kind: 'element';
  readonly key: Expression;
  /** What stands behind the colon: a value, a verdict, or (object maps) a name. */
  readonly data?: Expression;
  readonly timeout?: TimeLiteral;
  readonly expires?: TimeLiteral;
  readonly comment?: TextLiteral;
  readonly statements: readonly StatefulStatement[];
}

/** What was written, as tokens, for work that is done once for all rules or elements of one shape. */
export interface TokenForm {
  /** The same object where tokens have the same kinds and are the same keywords. */
  readonly shape: object;
  /** The tokens that are no keywords, from left to right. */
  readonly literals: readonly number[];
  readonly first: number;
  readonly last: number;
  /** A token as written. */
  text(token: number): string;
  spanOf(first: number, last: number): Span;
}

export interface ElementForm extends TokenForm {
  /** The element made anew. `reads`: how often it looked at the text of a token. */
  trace(): { readonly element: Element; readonly reads: ReadonlyMap<number, number> };
}

/** Where the tokens of elements stand, for those who read many of them. Tokens are counted as in a form. */
export interface ElementPlaces {
  readonly file: Span['file'];
  readonly text: string;
  /** The shape of the element's form; `undefined` if it has none. */
  shapeAt(index: number): object | undefined;
  startOf(index: number, token: number): number;
  endOf(index: number, token: number): number;
}

/** Elements are made on demand: a list of 100,000 is not 100,000 object graphs. `at` may build anew at each call. */
export interface ElementList {
  readonly length: number;
  /** Throws RangeError unless 0 <= index < length. */
  at(index: number): Element;
  /** The element as tokens, if the list was written with it; `undefined` of an element that holds lists or variables. */
  formAt?(index: number): ElementForm | undefined;
  /** The same, for those who make no form of each. */
  readonly places?: ElementPlaces;
}

/** `{ … }`: an anonymous set or map, or the elements of a named one. Empty only in definitions. */
export interface SetExpression extends NodeBase {
  readonly kind: 'set';
  readonly elements: ElementList;
}

/** `@name`. */
export interface SetReference extends NodeBase {
  readonly kind: 'set_reference';
  readonly name: string;
}

/** `key map { … }`, `key map @name` or `key map $variable`. */
export interface MapExpression extends NodeBase {
  readonly kind: 'map';
  readonly key: Expression;
  readonly map: Expression;
}

export type VerdictName = 'accept' | 'drop' | 'continue' | 'jump' | 'goto' | 'return';

/** `chain` stands with jump and goto only. */
export interface VerdictExpression extends NodeBase {
  readonly kind: 'verdict';
  readonly verdict: VerdictName;
  readonly chain?: Name | VariableExpression;
}

export type PayloadProtocol =
  | 'ether'
  | 'vlan'
  | 'arp'
  | 'ip'
  | 'icmp'
  | 'igmp'
  | 'ip6'
  | 'icmpv6'
  | 'ah'
  | 'esp'
  | 'comp'
  | 'udp'
  | 'udplite'
  | 'tcp'
  | 'dccp'
  | 'sctp'
  | 'th'
  | 'vxlan'
  | 'geneve'
  | 'gre';

/** A header's field. `field` is nft's name for it: `saddr`, `frag-off`; for arp also `saddr ether`, `daddr ip`. */
export interface PayloadExpression extends NodeBase {
  readonly kind: 'payload';
  readonly protocol: PayloadProtocol;
  readonly field: string;
}

/** `@base,offset,length`: offset and length in bits. */
export interface RawPayloadExpression extends NodeBase {
  readonly kind: 'raw_payload';
  readonly base: 'll' | 'nh' | 'th' | 'ih';
  readonly offset: NumberLiteral;
  readonly length: NumberLiteral;
}

/** A field of a header inside a tunnel: `vxlan ip saddr`. */
export interface InnerExpression extends NodeBase {
  readonly kind: 'inner';
  readonly tunnel: 'vxlan' | 'geneve' | 'gre' | 'gretap';
  readonly expression: InnerField;
}
export type InnerField =
  | PayloadExpression
  | IpOptionExpression
  | TcpOptionExpression
  | RawTcpOptionExpression
  | SctpChunkExpression
  | DccpOptionExpression;

/** `meta key`. Aliases are replaced (`ibriport` is `ibrname`, `secpath` is `ipsec`). */
export interface MetaExpression extends NodeBase {
  readonly kind: 'meta';
  readonly key: string;
  /** False if written without the word `meta`. */
  readonly qualified: boolean;
}

/** `ct key`, `ct original key`, `ct reply ip saddr`. */
export interface CtExpression extends NodeBase {
  readonly kind: 'ct';
  readonly key: string;
  readonly direction?: 'original' | 'reply';
  readonly family?: 'ip' | 'ip6';
}

/** A field of an IPv6 extension header. `index` as written in brackets: `rt0 addr[1]`, `srh sid[2]`. */
export interface ExthdrExpression extends NodeBase {
  readonly kind: 'exthdr';
  readonly header: 'hbh' | 'rt' | 'rt0' | 'rt2' | 'srh' | 'frag' | 'dst' | 'mh';
  readonly field: string;
  readonly index?: NumberLiteral;
}

/** `exthdr hbh`: to be compared with `exists` or `missing`. */
export interface ExthdrExistsExpression extends NodeBase {
  readonly kind: 'exthdr_exists';
  readonly header: 'hbh' | 'rt' | 'frag' | 'dst' | 'mh';
}

/** `tcp option kind [field]`; without a field it asks for presence. Aliases are replaced (`maxseg`, `nop`, `sack-perm`). */
export interface TcpOptionExpression extends NodeBase {
  readonly kind: 'tcp_option';
  readonly option: string | NumberLiteral;
  readonly field?: string;
}

/** `tcp option @kind,offset,length`: offset and length in bits from the start of the option. */
export interface RawTcpOptionExpression extends NodeBase {
  readonly kind: 'raw_tcp_option';
  readonly option: string | NumberLiteral;
  readonly offset: NumberLiteral;
  readonly length: NumberLiteral;
}

/** `ip option name [field]`; without a field, or with `type`, it asks for presence. */
export interface IpOptionExpression extends NodeBase {
  readonly kind: 'ip_option';
  readonly option: 'lsrr' | 'rr' | 'ssrr' | 'ra';
  readonly field?: 'type' | 'length' | 'value' | 'ptr' | 'addr';
}

/** `sctp chunk name [field]`; without a field it asks for presence. */
export interface SctpChunkExpression extends NodeBase {
  readonly kind: 'sctp_chunk';
  readonly chunk: string;
  readonly field?: string;
}

/** `dccp option number`: asks for presence. */
export interface DccpOptionExpression extends NodeBase {
  readonly kind: 'dccp_option';
  readonly option: NumberLiteral;
}

export type FibFlag = 'saddr' | 'daddr' | 'mark' | 'iif' | 'oif';

/** `fib daddr . iif type`. `check` asks whether there is a route. */
export interface FibExpression extends NodeBase {
  readonly kind: 'fib';
  readonly flags: readonly FibFlag[];
  readonly result: 'oif' | 'oifname' | 'type' | 'check';
}

/** `rt [ip|ip6] key`. */
export interface RtExpression extends NodeBase {
  readonly kind: 'rt';
  readonly key: 'classid' | 'nexthop' | 'mtu' | 'ipsec';
  readonly family?: 'ip' | 'ip6';
}

export interface SocketExpression extends NodeBase {
  readonly kind: 'socket';
  readonly key: 'transparent' | 'mark' | 'wildcard' | 'cgroupv2';
  /** With `cgroupv2` only. */
  readonly level?: NumberLiteral;
}

export interface OsfExpression extends NodeBase {
  readonly kind: 'osf';
  readonly key: 'name' | 'version';
  readonly ttl?: 'loose' | 'skip';
}

export interface NumgenExpression extends NodeBase {
  readonly kind: 'numgen';
  readonly mode: 'inc' | 'random';
  readonly modulus: NumberLiteral;
  readonly offset?: NumberLiteral;
}

export interface JhashExpression extends NodeBase {
  readonly kind: 'jhash';
  readonly expression: Expression;
  readonly modulus: NumberLiteral;
  readonly seed?: NumberLiteral;
  readonly offset?: NumberLiteral;
}

export interface SymhashExpression extends NodeBase {
  readonly kind: 'symhash';
  readonly modulus: NumberLiteral;
  readonly offset?: NumberLiteral;
}

/** `ipsec in [spnum N] key`, `ipsec out ip saddr`. */
export interface IpsecExpression extends NodeBase {
  readonly kind: 'ipsec';
  readonly direction: 'in' | 'out';
  readonly spnum?: NumberLiteral;
  readonly key: 'spi' | 'reqid' | 'saddr' | 'daddr';
  readonly family?: 'ip' | 'ip6';
}

export interface TunnelExpression extends NodeBase {
  readonly kind: 'tunnel';
  readonly key: 'path' | 'id';
}

/** What reads something from the packet or its surroundings. */
export type SelectorExpression =
  | PayloadExpression
  | RawPayloadExpression
  | InnerExpression
  | MetaExpression
  | CtExpression
  | ExthdrExpression
  | ExthdrExistsExpression
  | TcpOptionExpression
  | RawTcpOptionExpression
  | IpOptionExpression
  | SctpChunkExpression
  | DccpOptionExpression
  | FibExpression
  | RtExpression
  | SocketExpression
  | OsfExpression
  | NumgenExpression
  | JhashExpression
  | SymhashExpression
  | IpsecExpression
  | TunnelExpression;

export type Expression =
  | NumberLiteral
  | SymbolExpression
  | TypedSymbolExpression
  | VariableExpression
  | PrefixExpression
  | RangeExpression
  | ConcatExpression
  | ListExpression
  | BinaryExpression
  | CatchallExpression
  | SetExpression
  | SetReference
  | MapExpression
  | VerdictExpression
  | SelectorExpression;
