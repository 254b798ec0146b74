// The tables while commands are applied, and how a command finds what it is about: with a suggestion where it does not.

import { type Family, familyNumber } from '../../model/family.ts';
import { SetFlag } from '../../model/set-flags.ts';
import { nearest } from '../../nft-grammar/near.ts';
import { Patience } from '../../source/patience.ts';
import type { Span } from '../../source/span.ts';
import type { ObjectType, TableReference } from '../nodes/index.ts';
import { fail } from '../type/failure.ts';
import type { EvaluateOptions } from '../type/options.ts';
import { Ordinals } from '../type/scope.ts';
import type { Reference, Written } from './references.ts';
import {
  type ChainState,
  type FlowtableState,
  type ObjectState,
  objectKey,
  type SetState,
  type Shared,
  TableState,
} from './table-state.ts';

const tableKey = (family: Family, name: string): string => `${family} ${name}`;

/** `sigil` stands before the name in the text. */
function notFound(
  code: string,
  what: string,
  wanted: Written,
  where: string,
  known: Iterable<string>,
  sigil = '',
): never {
  const near = nearest(wanted.text, known);
  const hint = near === undefined ? '' : `; did you mean \`${near}\`?`;
  const message = `there is no ${what} \`${wanted.text}\`${where}${hint}`;
  const fixes = near === undefined ? [] : [{ span: wanted.span, text: `${sigil}${near}` }];
  return fail(code, message, wanted.span, { fixes });
}

export function failUnread(span: Span): never {
  return fail('unread-table', 'nft does not read what is there in a run with `flush ruleset`', span);
}

export class RulesetState {
  readonly shared: Shared;
  /** Tables of this run that `flush ruleset` took from the kernel, but not from nft's memory. */
  readonly #remembered = new Map<string, TableState>();
  /** Tables that commands list or reset. */
  readonly inspected: { readonly family: Family; readonly name: Written }[] = [];
  readonly #tables = new Map<string, TableState>();
  readonly #handles = new Map<number, TableState>();
  #lastHandle = 0;

  constructor(options: EvaluateOptions) {
    let registered = 0;
    this.shared = {
      options,
      reading: { isBlind: false, readsSets: true },
      patience: new Patience(options.isOverdue),
      ordinals: new Ordinals(),
      warnings: [],
      discarded: { rules: [], sets: [] },
      nextRank: () => registered++,
    };
  }

  get tables(): Iterable<TableState> {
    return this.#tables.values();
  }

  find(family: Family, name: string): TableState | undefined {
    return this.#tables.get(tableKey(family, name));
  }

  findByHandle(handle: bigint): TableState | undefined {
    const table = this.#handles.get(Number(handle));
    return table !== undefined && this.find(table.family, table.name) === table ? table : undefined;
  }

  create(family: Family, name: string, span: Span): TableState {
    this.#lastHandle += 1;
    const table = new TableState(family, name, span, this.shared, this.#lastHandle);
    this.#tables.set(tableKey(family, name), table);
    this.#handles.set(this.#lastHandle, table);
    return table;
  }

  delete(table: TableState): void {
    table.discard();
    this.#tables.delete(tableKey(table.family, table.name));
    this.#remembered.delete(tableKey(table.family, table.name));
  }

  require(family: Family, name: Written): TableState {
    return this.find(family, name.text) ?? this.#tableNotFound(family, name);
  }

  requireTable(reference: TableReference): TableState {
    return this.require(reference.family, reference.name);
  }

  /** What nft still knows of a table that was flushed, whether it was declared again or not. */
  remembered(family: Family, name: string): TableState | undefined {
    return this.#remembered.get(tableKey(family, name));
  }

  flush(table: TableState): void {
    this.#tables.delete(tableKey(table.family, table.name));
    table.discard();
    if (table.settled !== true) this.#remembered.set(tableKey(table.family, table.name), table);
  }

  /** A table that nft itself looks for, before the kernel does. */
  requireKnown(family: Family, name: Written): TableState {
    const table = this.require(family, name);
    if (this.shared.reading.isBlind && table.settled === true) failUnread(name.span);
    return table;
  }

  /** A table of this name in another family is the likelier mistake than another name. */
  #tableNotFound(family: Family, name: Written): never {
    const families = Object.keys(familyNumber) as Family[];
    const other = families.find(each => this.find(each, name.text) !== undefined);
    if (other !== undefined) {
      const message = `there is no table \`${name.text}\` in family ${family}, but in family ${other}`;
      return fail('unknown-table', message, name.span);
    }
    const known = [...this.tables].filter(table => table.family === family).map(table => table.name);
    return notFound('unknown-table', 'table', name, ` in family ${family}`, known);
  }
}

const inTable = (table: TableState): string => ` in table ${table.family} ${table.name}`;

export function requireChain(table: TableState, name: Written): ChainState {
  return (
    table.chains.get(name.text) ??
    notFound('unknown-chain', 'chain', name, inTable(table), table.chains.keys())
  );
}

export function requireSet(
  table: TableState,
  name: Written,
  what: 'set' | 'map' = 'set',
  sigil = '',
): SetState {
  return (
    table.sets.get(name.text) ?? notFound('unknown-set', what, name, inTable(table), table.sets.keys(), sigil)
  );
}

/** What a set is called by commands: a meter is one that rules add to. */
export type SetKind = 'set' | 'map' | 'meter';

function isOfKind({ typed }: SetState, kind: SetKind): boolean {
  if (typed === undefined) return true;
  if (kind === 'map') return typed.data !== undefined;
  return typed.data === undefined && (kind === 'set' || (typed.flags & SetFlag.eval) !== 0);
}

/** A set that nft itself looks for, before the kernel does: it knows those that it reads, and those that the run declares. */
export function requireKnownSet(table: TableState, name: Written, what: 'set' | 'map' = 'set'): SetState {
  const set = requireSet(table, name, what);
  requireRead(table, set.typed?.settledFlags !== undefined, name);
  return set;
}

/** The elements of a constant set stay as they are while something looks them up. */
export function isFixed(table: TableState, { typed }: SetState, name: Written): boolean {
  return ((typed?.flags ?? 0) & SetFlag.constant) !== 0 && table.isUsed(`set ${name.text}`);
}

export function failFixed({ text, span }: Written): never {
  return fail('constant-set', `\`${text}\` is constant and in use: its elements are fixed`, span);
}

/** In a run with `flush ruleset` nft knows nothing of what was there, also of a table that the run declares again. */
export function requireRead({ shared }: TableState, wasThere: boolean, { span }: Written): void {
  if (wasThere && shared.reading.isBlind) failUnread(span);
}

/** The set of this name, which must be of this kind. */
export function requireKind(table: TableState, kind: SetKind, name: Written): SetState {
  const set = requireKnownSet(table, name, kind === 'map' ? 'map' : 'set');
  if (isOfKind(set, kind)) return set;
  const message = `\`${name.text}\` is ${set.typed?.data === undefined ? 'a set' : 'a map'}, not a ${kind}`;
  return fail('wrong-kind', message, name.span, { notes: [{ message: 'declared here', span: set.span }] });
}

export function requireObject(table: TableState, type: ObjectType, name: Written): ObjectState {
  const object = table.objects.get(objectKey(type, name.text));
  return object ?? notFound('unknown-object', type, name, inTable(table), table.objectNames(type));
}

export function requireFlowtable(table: TableState, name: Written): FlowtableState {
  const flowtable = table.flowtables.get(name.text);
  return (
    flowtable ?? notFound('unknown-flowtable', 'flowtable', name, inTable(table), table.flowtables.keys())
  );
}

function checkJump(table: TableState, target: Written): void {
  const chain = requireChain(table, target);
  if (chain.base === undefined) return;
  const notes = [{ message: 'the base chain is here', span: chain.span }];
  fail('jump-to-base-chain', `\`${target.text}\` is a base chain, which cannot be jumped to`, target.span, {
    notes,
  });
}

/** What is referred to must be there when the rule or element is added, not later. */
export function checkReferences(table: TableState, references: readonly Reference[]): void {
  for (const reference of references) {
    if (reference.kind === 'chain') checkJump(table, reference);
    else if (reference.kind === 'set') requireSet(table, reference, 'set', '@');
    else if (reference.kind === 'meter') continue;
    else if (reference.kind === 'flowtable') requireFlowtable(table, reference);
    else requireObject(table, reference.objectType, reference);
  }
}
