// Commands, in the order they are to be applied. A table block is one `declare` command.

import type { Family } from '../../model/family.ts';
import type { Declaration, TableReference } from './declaration.ts';
import type { SetExpression, VariableExpression } from './expression.ts';
import type { Name, NodeBase, NumberLiteral } from './node.ts';
import type { Rule } from './statement.ts';

/** `add` may find the object there; `create` may not. No verb is `add`. */
export interface DeclareCommand extends NodeBase {
  readonly kind: 'declare';
  readonly verb: 'add' | 'create';
  readonly declaration: Declaration;
}

/** `handle N` and `position N` are the same; `index` counts from 0. */
export interface RulePosition extends NodeBase {
  readonly kind: 'position';
  readonly by: 'handle' | 'index';
  readonly number: NumberLiteral;
}

/**
 * A rule by itself. `add` puts it behind `position` (or last), `insert` before it (or first), `replace` in its place.
 * Like its rule it makes its parts anew at each access: do not spread it.
 */
export interface RuleCommand extends NodeBase {
  readonly kind: 'rule_command';
  readonly verb: 'add' | 'insert' | 'replace';
  readonly table: TableReference;
  readonly chain: Name;
  readonly position?: RulePosition | undefined;
  readonly rule: Rule;
}

/** `add element ip t s { … }`. `get` changes nothing. */
export interface ElementCommand extends NodeBase {
  readonly kind: 'element_command';
  readonly verb: 'add' | 'create' | 'delete' | 'destroy' | 'get' | 'reset';
  readonly table: TableReference;
  readonly set: Name;
  readonly elements: SetExpression | VariableExpression;
}

export type ObjectKind =
  | 'table'
  | 'chain'
  | 'rule'
  | 'set'
  | 'map'
  | 'flowtable'
  | 'counter'
  | 'quota'
  | 'limit'
  | 'ct helper'
  | 'ct timeout'
  | 'ct expectation'
  | 'secmark'
  | 'synproxy'
  | 'tunnel'
  | 'meter';

/**
 * What a command is about: by name, or (where the command allows it) by handle. A table by handle has no name; other
 * objects always have their table; a rule has its chain as `name` and a handle.
 */
export interface ObjectReference extends NodeBase {
  readonly kind: 'object_name';
  readonly object: ObjectKind;
  readonly family: Family;
  readonly table?: Name;
  readonly name?: Name;
  readonly handle?: NumberLiteral;
}

/** `destroy` may find nothing there; `delete` may not. */
export interface DeleteCommand extends NodeBase {
  readonly kind: 'delete';
  readonly verb: 'delete' | 'destroy';
  readonly object: ObjectReference;
  /** `delete chain netdev t c { … devices = { … } }` and the same of flowtables: take away devices only. */
  readonly block?: Declaration;
}

/** `flush ruleset [family]`, or of one object: table, chain, set, map, meter. */
export interface FlushCommand extends NodeBase {
  readonly kind: 'flush';
  readonly object: ObjectReference | 'ruleset';
  /** `flush ruleset inet`. */
  readonly family?: Family;
}

export interface RenameCommand extends NodeBase {
  readonly kind: 'rename';
  readonly table: TableReference;
  readonly chain: Name;
  readonly newName: Name;
}

/**
 * `reset counters`, `reset rule …`: sets the state of what was there before the commands to zero. `scope` is the word
 * behind `reset`.
 */
export interface ResetCommand extends NodeBase {
  readonly kind: 'reset';
  readonly scope: 'counter' | 'counters' | 'quota' | 'quotas' | 'rule' | 'rules' | 'set' | 'map';
  readonly family?: Family;
  readonly table?: Name;
  readonly name?: Name;
  readonly handle?: NumberLiteral;
}

/** `list`, `describe`, `monitor`, `export`, `import`: nothing that a ruleset keeps. */
export interface InspectCommand extends NodeBase {
  readonly kind: 'inspect';
  readonly verb: 'list' | 'describe' | 'monitor' | 'export' | 'import';
  /** The word behind `list`. */
  readonly scope?: string;
  /** What is listed, where that must be there: one thing, or a table whose chains, sets … are listed. */
  readonly object?: ObjectReference;
}

export type Command =
  | DeclareCommand
  | RuleCommand
  | ElementCommand
  | DeleteCommand
  | FlushCommand
  | RenameCommand
  | ResetCommand
  | InspectCommand;
