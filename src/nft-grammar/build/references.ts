// Commands about what is there: delete, destroy, flush, list, reset.

import type {
  DeleteCommand,
  FlushCommand,
  InspectCommand,
  NumberLiteral,
  ObjectKind,
  ObjectReference,
  ResetCommand,
  TableReference,
} from '../../ast/nodes/index.ts';
import type { Family } from '../../model/family.ts';
import { type Branch, isBranch, isLeaf } from '../derivation.ts';
import { type ObjectPath, objectOf } from './commands.ts';
import { type Build, type Compiler, type Constructor, constant, keyword, node, part } from './compiler.ts';

/** A reference by name, or by handle, to an object of a table. */
function objectReference(branch: Branch, object: ObjectKind, compiler: Compiler): Build<ObjectReference> {
  const parts = branch.children.filter(isBranch);
  const byPath = parts[0]!.name === 'objectPath';
  const path = byPath ? compiler.build<ObjectPath>(parts[0]) : undefined;
  const table = byPath ? undefined : compiler.build<TableReference>(parts[0]);
  const handle = compiler.optional<NumberLiteral>(parts[1]);
  return node({ name: 'reference', children: parts }, (view): Omit<ObjectReference, 'span'> => {
    const owner = path ? path(view).table : table!(view);
    return {
      kind: 'object_name',
      object,
      family: owner.family,
      table: owner.name,
      ...constant('name', path?.(view).name),
      ...part('handle', handle, view),
    };
  }) as Build<ObjectReference>;
}

function tableTarget(branch: Branch, compiler: Compiler): Build<ObjectReference> {
  const table = compiler.build<TableReference>(branch.children[1]);
  return (view): ObjectReference => {
    const { family, name, span } = table(view);
    return { kind: 'object_name', object: 'table', family, table: name, span };
  };
}

const deleteOf = (reference: Build<ObjectReference>) => (view: Parameters<Build<unknown>>[0]) =>
  ({ kind: 'delete', object: reference(view) }) satisfies Omit<DeleteCommand, 'verb' | 'span'>;

const deleteTable: Constructor = (branch, compiler) => deleteOf(tableTarget(branch, compiler));

const deleteTableHandle: Constructor = (branch, compiler) => {
  const family = (keyword(branch.children[1]) || 'ip') as Family;
  const handle = compiler.build<NumberLiteral>(branch.children[2]);
  const reference = node({ name: 'reference', children: branch.children.slice(1) }, view => ({
    kind: 'object_name',
    object: 'table',
    family,
    handle: handle(view),
  }));
  return deleteOf(reference as Build<ObjectReference>);
};

const deleteObject: Constructor = (branch, compiler) =>
  deleteOf(objectReference(branch, objectOf(branch), compiler));

const deleteRule: Constructor = (branch, compiler) => deleteOf(objectReference(branch, 'rule', compiler));

const flushRuleset: Constructor = branch => {
  const family = (keyword(branch.children[1]) || undefined) as Family | undefined;
  return (): Omit<FlushCommand, 'span'> => ({
    kind: 'flush',
    object: 'ruleset',
    ...constant('family', family),
  });
};

const flushTable: Constructor = (branch, compiler) => {
  const object = tableTarget(branch, compiler);
  return (view): Omit<FlushCommand, 'span'> => ({ kind: 'flush', object: object(view) });
};

const flushObject: Constructor = (branch, compiler) => {
  const words = branch.children.filter(isLeaf).map(keyword);
  const kind = words[0] === 'flow' ? 'meter' : (words[0] as ObjectKind);
  const object = objectReference(branch, kind, compiler);
  return (view): Omit<FlushCommand, 'span'> => ({ kind: 'flush', object: object(view) });
};

/** What `list` is about, where that has to be there. */
const listTable: Constructor = (branch, compiler) => {
  const table = compiler.build<TableReference>(branch.children.filter(isBranch).at(-1));
  return (view): ObjectReference => {
    const { family, name, span } = table(view);
    return { kind: 'object_name', object: 'table', family, table: name, span };
  };
};

const listObject: Constructor = (branch, compiler) => {
  const words = branch.children.filter(isLeaf).map(keyword).join(' ');
  return objectReference(branch, words === 'flow table' ? 'meter' : (words as ObjectKind), compiler);
};

const inspect: Constructor = (branch, compiler) => {
  const verb = keyword(branch.children[0]) as InspectCommand['verb'];
  const body = branch.children
    .filter(isBranch)
    .find(({ name }) => name === 'listTable' || name === 'listObject');
  const object = body && compiler.build<ObjectReference>(body);
  const listed = branch.children[1] ?? null;
  const scope = verb === 'list' && isBranch(listed) ? keyword(listed.children[0]) : undefined;
  return node(
    branch,
    (view): Omit<InspectCommand, 'span'> => ({
      kind: 'inspect',
      verb,
      ...constant('scope', scope),
      ...part('object', object, view),
    }),
  );
};

type ResetBody = Omit<ResetCommand, 'span'>;
const resetScope = (branch: Branch): ResetCommand['scope'] =>
  keyword(branch.children[0]) as ResetCommand['scope'];

const resetFamily: Constructor = branch => {
  const scope = resetScope(branch);
  const family = (keyword(branch.children[1]) || undefined) as Family | undefined;
  return (): ResetBody => ({ kind: 'reset', scope, ...constant('family', family) });
};

const resetTable: Constructor = (branch, compiler) => {
  const scope = resetScope(branch);
  const table = compiler.build<TableReference>(branch.children[2]);
  return (view): ResetBody => ({ kind: 'reset', scope, family: table(view).family, table: table(view).name });
};

const resetObject: Constructor = (branch, compiler) => {
  const scope = resetScope(branch);
  const [pathBranch, handleBranch] = branch.children.filter(isBranch);
  const path = compiler.build<ObjectPath>(pathBranch);
  const handle = compiler.optional<NumberLiteral>(handleBranch);
  return (view): ResetBody => {
    const { table, name } = path(view);
    return {
      kind: 'reset',
      scope,
      family: table.family,
      table: table.name,
      name,
      ...part('handle', handle, view),
    };
  };
};

export const referenceConstructors: readonly (readonly [string, Constructor])[] = [
  ['deleteTable', deleteTable],
  ['deleteTableHandle', deleteTableHandle],
  ['deleteObject', deleteObject],
  ['deleteCt', deleteObject],
  ['deleteRule', deleteRule],
  ['inspect', inspect],
  ['listTable', listTable],
  ['listObject', listObject],
  ['flushRuleset', flushRuleset],
  ['flushTable', flushTable],
  ['flushObject', flushObject],
  ['flushFlowTable', flushObject],
  ['resetFamily', resetFamily],
  ['resetTable', resetTable],
  ['resetObject', resetObject],
  ['resetRule', resetObject],
];
