// Statements: what a rule is made of.

import type { logLevels } from '../../model/log-levels.ts';
import type {
  CtExpression,
  Element,
  Expression,
  MetaExpression,
  SelectorExpression,
  SetReference,
  TcpOptionExpression,
  TokenForm,
  VariableExpression,
  VerdictExpression,
} from './expression.ts';
import type { Name, NodeBase, NumberLiteral, TextLiteral, TimeLiteral } from './node.ts';

/** `!` before a right-hand side is written for "no bit of it is set"; it is not `!=`. */
export type MatchOperator = 'implicit' | '==' | '!=' | '<' | '>' | '<=' | '>=' | '!';

/** `left right`, `left == right`; with `mask`: `left == right / mask` (flags). */
export interface MatchStatement extends NodeBase {
  readonly kind: 'match';
  readonly operator: MatchOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly mask?: Expression;
}

export interface VerdictStatement extends NodeBase {
  readonly kind: 'verdict_statement';
  readonly verdict: VerdictExpression;
}

/** `key vmap { … }` or `key vmap @name`. */
export interface VerdictMapStatement extends NodeBase {
  readonly kind: 'vmap';
  readonly key: Expression;
  readonly map: Expression;
}

/** `jump { … }`: a chain without a name. */
export interface AnonymousChainStatement extends NodeBase {
  readonly kind: 'anonymous_chain';
  readonly verdict: 'jump' | 'goto';
  readonly rules: readonly Rule[];
}

export interface CounterStatement extends NodeBase {
  readonly kind: 'counter';
  readonly packets?: NumberLiteral;
  readonly bytes?: NumberLiteral;
}

export type ByteUnit = 'bytes' | 'kbytes' | 'mbytes';
/** A number of bytes as written: `10 mbytes`. kbytes are 1024 bytes. */
export interface ByteAmount {
  readonly number: NumberLiteral;
  readonly unit: ByteUnit;
}

/** `rate over 10/second burst 5 packets`, `rate 1 mbytes/minute`. Bytes are limited if `rateUnit` is given. */
export interface LimitArguments {
  readonly mode?: 'over' | 'until';
  readonly rate: NumberLiteral;
  readonly rateUnit?: ByteUnit;
  readonly per: 'second' | 'minute' | 'hour' | 'day' | 'week';
  readonly burst?: NumberLiteral;
  readonly burstUnit?: 'packets' | ByteUnit;
}
export interface LimitStatement extends NodeBase, LimitArguments {
  readonly kind: 'limit';
}

export interface QuotaArguments {
  readonly mode?: 'over' | 'until';
  readonly amount: ByteAmount;
  readonly used?: ByteAmount;
}
export interface QuotaStatement extends NodeBase, QuotaArguments {
  readonly kind: 'quota';
}

/** `ct count [over] N`. */
export interface ConnlimitStatement extends NodeBase {
  readonly kind: 'connlimit';
  readonly over: boolean;
  readonly count: NumberLiteral;
}

/** `last`, `last used 5m`, `last used never`. */
export interface LastStatement extends NodeBase {
  readonly kind: 'last';
  readonly used?: TimeLiteral;
}

/** What can also stand in an element or a set declaration. */
export type StatefulStatement =
  | CounterStatement
  | LimitStatement
  | QuotaStatement
  | ConnlimitStatement
  | LastStatement;

export type LogLevel = (typeof logLevels)[number];
export type LogFlag = 'tcp sequence' | 'tcp options' | 'ip options' | 'skuid' | 'ether' | 'all';

/** The last of several of one option holds; flags add up. A prefix may hold `$variables`: here they are replaced. */
export interface LogStatement extends NodeBase {
  readonly kind: 'log';
  readonly prefix?: TextLiteral;
  readonly group?: NumberLiteral;
  readonly snaplen?: NumberLiteral;
  readonly queueThreshold?: NumberLiteral;
  readonly level?: LogLevel;
  readonly flags: readonly LogFlag[];
}

/** `reject`, `reject with icmpx admin-prohibited`, `reject with tcp reset`. */
export interface RejectStatement extends NodeBase {
  readonly kind: 'reject';
  readonly with?: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp reset';
  /** With the icmp forms. */
  readonly code?: Expression;
}

export type NatFlag = 'random' | 'fully-random' | 'persistent';

/** snat, dnat, masquerade, redirect. `form` is the word before `to`: `prefix`, `interval`, or `addr . port`. */
export interface NatStatement extends NodeBase {
  readonly kind: 'nat';
  readonly action: 'snat' | 'dnat' | 'masquerade' | 'redirect';
  readonly family?: 'ip' | 'ip6';
  readonly form?: 'prefix' | 'interval' | 'concat';
  readonly address?: Expression;
  readonly port?: Expression;
  readonly flags: readonly NatFlag[];
}

export interface TproxyStatement extends NodeBase {
  readonly kind: 'tproxy';
  readonly family?: 'ip' | 'ip6';
  readonly address?: Expression;
  readonly port?: Expression;
}

export interface QueueStatement extends NodeBase {
  readonly kind: 'queue';
  readonly flags: readonly ('bypass' | 'fanout')[];
  readonly queue?: Expression;
}

export interface DupStatement extends NodeBase {
  readonly kind: 'dup';
  readonly to: Expression;
  readonly device?: Expression;
}

/** `fwd to device`, `fwd ip to address device device`. */
export interface FwdStatement extends NodeBase {
  readonly kind: 'fwd';
  readonly family?: 'ip' | 'ip6';
  readonly address?: Expression;
  readonly device: Expression;
}

export interface SynproxyArguments {
  readonly mss?: NumberLiteral;
  readonly wscale?: NumberLiteral;
  readonly timestamp: boolean;
  readonly sackPermitted: boolean;
}
export interface SynproxyStatement extends NodeBase, SynproxyArguments {
  readonly kind: 'synproxy';
}

/** `add @set { key … }`, `update @map { key : data }`. The older `set add key @set` is the same. */
export interface SetUpdateStatement extends NodeBase {
  readonly kind: 'set_update';
  readonly operation: 'add' | 'update' | 'delete';
  readonly set: SetReference | VariableExpression;
  readonly key: Element;
  readonly data?: Element;
}

/** `meter name { key statement }`. */
export interface MeterStatement extends NodeBase {
  readonly kind: 'meter';
  readonly name: Name;
  readonly size?: NumberLiteral;
  readonly key: Element;
  readonly statement: Statement;
}

/** `meta mark set …`, `ct mark set …`, `ip dscp set …`, `tcp option maxseg size set …`. */
export interface AssignStatement extends NodeBase {
  readonly kind: 'assign';
  readonly target: MetaExpression | CtExpression | SelectorExpression;
  readonly value: Expression;
}

/** The kinds of named objects that a statement or an object map can refer to. */
export type ObjectType =
  | 'counter'
  | 'quota'
  | 'limit'
  | 'ct helper'
  | 'ct timeout'
  | 'ct expectation'
  | 'secmark'
  | 'synproxy'
  | 'tunnel';

/** `counter name c`, `ct helper set "ftp-standard"`, `quota name tcp dport map { … }`. */
export interface ObjectReferenceStatement extends NodeBase {
  readonly kind: 'object_reference';
  readonly objectType: ObjectType;
  readonly object: Expression;
}

/** `flow add @name`. */
export interface FlowStatement extends NodeBase {
  readonly kind: 'flow';
  readonly flowtable: Name;
}

export interface NotrackStatement extends NodeBase {
  readonly kind: 'notrack';
}

/** `reset tcp option name`. */
export interface OptionStripStatement extends NodeBase {
  readonly kind: 'option_strip';
  readonly option: TcpOptionExpression;
}

/** `xt target "NAME"`: a foreign expression that nft lists and cannot load. */
export interface XtStatement extends NodeBase {
  readonly kind: 'xt';
  readonly type: string;
  readonly name: string;
}

export type Statement =
  | MatchStatement
  | VerdictStatement
  | VerdictMapStatement
  | AnonymousChainStatement
  | StatefulStatement
  | LogStatement
  | RejectStatement
  | NatStatement
  | TproxyStatement
  | QueueStatement
  | DupStatement
  | FwdStatement
  | SynproxyStatement
  | SetUpdateStatement
  | MeterStatement
  | AssignStatement
  | ObjectReferenceStatement
  | FlowStatement
  | NotrackStatement
  | OptionStripStatement
  | XtStatement;

/**
 * Statements in the order they run. A parsed rule makes its statements anew at each access, so that a large ruleset is
 * not as many trees: hold them in a local, do not spread the rule, do not compare its statements by identity.
 */
export interface Rule extends NodeBase {
  readonly kind: 'rule';
  readonly statements: readonly Statement[];
  readonly comment?: TextLiteral | undefined;
  /** Absent where the statements are more than tokens of their own: variables, sets in braces, chains without a name. */
  readonly form?: RuleForm | undefined;
  /** Of what was lifted: the handle that the kernel gave it. */
  readonly handle?: number | undefined;
}

/** A rule as tokens, counted in the rule's line: those of lists in it have numbers below zero. */
export interface RuleForm extends TokenForm {
  /** The statements made anew. `reads`: how often they looked at the text of a token. */
  trace(): { readonly statements: readonly Statement[]; readonly reads: ReadonlyMap<number, number> };
}
