// Declarations: tables and what stands in them. The block form `table inet t { chain c { … } }` and the command form
// `add chain inet t c { … }` give the same nodes; a declaration inside a table block repeats its table.

import type { Family } from '../../model/family.ts';
import type { Expression, SetExpression, SymbolExpression, VariableExpression } from './expression.ts';
import type { Name, NodeBase, NumberLiteral, TextLiteral, TimeLiteral } from './node.ts';
import type {
  ByteAmount,
  LimitArguments,
  ObjectType,
  QuotaArguments,
  Rule,
  StatefulStatement,
  SynproxyArguments,
} from './statement.ts';

/** A table by name. `family` is `ip` where none is written. */
export interface TableReference extends NodeBase {
  readonly kind: 'table_reference';
  readonly family: Family;
  readonly name: Name;
}

export interface TableDeclaration extends NodeBase {
  readonly kind: 'table';
  readonly table: TableReference;
  readonly flags: readonly Name[];
  readonly comment?: TextLiteral;
  /** True if a block follows, be it empty. */
  readonly block: boolean;
  /** As written, in order. */
  readonly members: readonly TableMember[];
  /** Of what was lifted: the handle that the kernel gave it. */
  readonly handle?: number;
}

export type TableMember =
  | ChainDeclaration
  | SetDeclaration
  | MapDeclaration
  | FlowtableDeclaration
  | ObjectDeclaration;

/** A priority: a number, a name, or a name with a sum; or a variable that holds a number or a string such as `filter - 10`. */
export interface Priority extends NodeBase {
  readonly kind: 'priority';
  /** `name`: a symbolic base, absent for a plain number. */
  readonly name?: Name;
  /** The number with its sign, in front of which the name stands; absent if only a name was written. */
  readonly offset?: bigint;
  readonly variable?: VariableExpression;
}

/** Devices as written: names (quoted or not), wildcards, variables. */
export type DeviceList = VariableExpression | readonly (SymbolExpression | VariableExpression)[];

export interface BaseChainSpec extends NodeBase {
  readonly kind: 'base_chain';
  readonly type: 'filter' | 'nat' | 'route';
  /** Not looked up: an unknown hook is reported when the chain is applied. */
  readonly hook: Name;
  readonly priority: Priority;
  readonly devices?: DeviceList;
}

export interface ChainDeclaration extends NodeBase {
  readonly kind: 'chain';
  readonly table: TableReference;
  readonly name: Name;
  /** True if a block follows, be it empty. */
  readonly block: boolean;
  readonly base?: BaseChainSpec;
  readonly policy?: ChainPolicy;
  readonly offload: boolean;
  /** `devices = { … }` on a line of its own. */
  readonly devices?: DeviceList;
  readonly comment?: TextLiteral;
  readonly rules: readonly Rule[];
  /** Of what was lifted: the handle that the kernel gave it. */
  readonly handle?: number;
}

/** `accept`, `drop`, or a variable that holds one of the words. */
export interface ChainPolicy extends NodeBase {
  readonly kind: 'policy';
  readonly policy: 'accept' | 'drop' | VariableExpression;
}

/**
 * `type ipv4_addr . inet_service` (names not looked up) or `typeof ip saddr . tcp dport`. `unlisted`: nft keeps the types of the
 * expression only.
 */
export type SetKey =
  | ({ readonly kind: 'type'; readonly parts: readonly Name[] } & NodeBase)
  | ({ readonly kind: 'typeof'; readonly expression: Expression; readonly unlisted?: true } & NodeBase);

/** What a map maps to. `verdict` is a type name like others. `queue` is what `typeof … : queue` says. */
export type MapData =
  | ({ readonly kind: 'type'; readonly parts: readonly Name[]; readonly interval: boolean } & NodeBase)
  | ({ readonly kind: 'typeof'; readonly expression: Expression; readonly interval: boolean } & NodeBase)
  | ({ readonly kind: 'queue' } & NodeBase)
  | ({ readonly kind: 'object'; readonly objectType: ObjectType } & NodeBase);

export type SetFlagName = 'constant' | 'interval' | 'timeout' | 'dynamic';

export interface SetProperties extends NodeBase {
  readonly table: TableReference;
  readonly name: Name;
  readonly key?: SetKey;
  readonly flags: readonly SetFlagName[];
  readonly timeout?: TimeLiteral;
  readonly gcInterval?: TimeLiteral;
  readonly size?: NumberLiteral;
  readonly policy?: 'performance' | 'memory';
  readonly autoMerge: boolean;
  readonly elements?: SetExpression | VariableExpression;
  /** Of a set that was lifted: how many elements the kernel counts, which are not always as many as are listed. */
  readonly count?: number;
  /** Of what was lifted: the handle that the kernel gave it. */
  readonly handle?: number;
  readonly statements: readonly StatefulStatement[];
  readonly comment?: TextLiteral;
}

export interface SetDeclaration extends SetProperties {
  readonly kind: 'set_declaration';
}

export interface MapDeclaration extends SetProperties {
  readonly kind: 'map_declaration';
  readonly data?: MapData;
}

export interface FlowtableDeclaration extends NodeBase {
  readonly kind: 'flowtable';
  readonly table: TableReference;
  readonly name: Name;
  readonly hook?: Name;
  readonly priority?: Priority;
  readonly devices?: DeviceList;
  readonly counter: boolean;
  readonly offload: boolean;
  /** Of what was lifted: the handle that the kernel gave it. */
  readonly handle?: number;
}

interface ObjectBase extends NodeBase {
  readonly kind: 'object';
  readonly table: TableReference;
  readonly name: Name;
  readonly comment?: TextLiteral;
  /** Of what was lifted: the handle that the kernel gave it. */
  readonly handle?: number;
}

export type L4Protocol = 'tcp' | 'udp';

/** A named stateful object. `objectType` tells the rest. */
export type ObjectDeclaration = ObjectBase &
  (
    | { readonly objectType: 'counter'; readonly packets?: NumberLiteral; readonly bytes?: NumberLiteral }
    | { readonly objectType: 'quota'; readonly quota?: QuotaArguments }
    | { readonly objectType: 'limit'; readonly limit?: LimitArguments }
    | { readonly objectType: 'secmark'; readonly context?: TextLiteral }
    | { readonly objectType: 'synproxy'; readonly synproxy?: SynproxyArguments }
    | {
        readonly objectType: 'ct helper';
        readonly helper?: TextLiteral;
        readonly protocol?: L4Protocol;
        readonly l3protocol?: Family;
      }
    | {
        readonly objectType: 'ct timeout';
        readonly protocol?: L4Protocol;
        readonly l3protocol?: Family;
        readonly policy: readonly CtTimeoutState[];
      }
    | {
        readonly objectType: 'ct expectation';
        readonly protocol?: L4Protocol;
        readonly l3protocol?: Family;
        readonly dport?: NumberLiteral;
        readonly timeout?: TimeLiteral;
        readonly size?: NumberLiteral;
      }
    | ({ readonly objectType: 'tunnel' } & TunnelProperties)
  );

/** `established : 120` (seconds) or `established : 2m`. */
export interface CtTimeoutState extends NodeBase {
  readonly kind: 'ct_timeout_state';
  readonly state: Name;
  readonly timeout: NumberLiteral | TimeLiteral;
}

export interface TunnelProperties {
  readonly id?: NumberLiteral;
  readonly family?: 'ip' | 'ip6';
  readonly source?: Expression;
  readonly destination?: Expression;
  readonly sport?: NumberLiteral;
  readonly dport?: NumberLiteral;
  readonly ttl?: NumberLiteral;
  readonly tos?: NumberLiteral;
  readonly options?: TunnelOptions;
}

export type TunnelOptions =
  | {
      readonly kind: 'erspan';
      readonly version?: NumberLiteral;
      readonly index?: NumberLiteral;
      readonly direction?: 'ingress' | 'egress';
      readonly id?: NumberLiteral;
    }
  | { readonly kind: 'vxlan'; readonly gbp?: NumberLiteral }
  | {
      readonly kind: 'geneve';
      readonly options: readonly {
        readonly class: NumberLiteral;
        readonly type: NumberLiteral;
        readonly data: TextLiteral;
      }[];
    };

export type Declaration = TableDeclaration | TableMember;
export type { ByteAmount };
