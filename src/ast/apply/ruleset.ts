// What a list of commands leaves behind: tables with chains, sets, objects and flowtables, each declared once, rules in
// the order they run. Names are resolved as far as they name things; expressions are still as the user wrote them.

import type { Family, Hook } from '../../model/family.ts';
import type { ChainType } from '../../model/hooks.ts';
import type { Span } from '../../source/span.ts';
import type {
  FlowtableDeclaration,
  MapDeclaration,
  ObjectDeclaration,
  Rule,
  SetDeclaration,
  SetExpression,
  VariableExpression,
} from '../nodes/index.ts';

export interface BaseChain {
  readonly span: Span;
  readonly type: ChainType;
  readonly hook: Hook;
  readonly priority: number;
  /** Names and patterns (`eth*`) of devices; empty on hooks that have none. */
  readonly devices: readonly string[];
  readonly policy: 'accept' | 'drop';
  readonly offload: boolean;
  /** Rank among all base chains in the order they came into being: of equal priorities, the later one runs first. */
  readonly registered?: number;
}

export interface Chain {
  readonly name: string;
  /** Of the name, where the chain was first declared. */
  readonly span: Span;
  readonly base?: BaseChain;
  readonly rules: readonly Rule[];
}

/** `destroy` is a `delete` of what may be missing, `create` an `add` of what must be. */
export interface ElementChange {
  readonly verb: 'add' | 'create' | 'delete' | 'destroy';
  readonly span: Span;
  readonly elements: SetExpression | VariableExpression;
  /** Made before the commands, not by them. */
  readonly settled?: true;
}

/** A set or map with the properties of its first declaration, and what was done to its contents since, in order. */
export interface DeclaredSet {
  readonly declaration: SetDeclaration | MapDeclaration;
  readonly changes: readonly ElementChange[];
}

export interface Table {
  readonly family: Family;
  readonly name: string;
  readonly span: Span;
  readonly dormant: boolean;
  /** Chains that rules and elements know by a name that they had before. */
  readonly renamed?: ReadonlyMap<string, string>;
  readonly chains: readonly Chain[];
  readonly sets: readonly DeclaredSet[];
  readonly objects: readonly ObjectDeclaration[];
  readonly flowtables: readonly FlowtableDeclaration[];
}

export interface Ruleset {
  /** In order of declaration. */
  readonly tables: readonly Table[];
}
