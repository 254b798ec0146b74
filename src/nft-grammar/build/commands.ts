// Commands. Most are a verb and a body: the body's constructor makes the node without its verb.

import type {
  Command,
  ElementCommand,
  Name,
  NumberLiteral,
  ObjectKind,
  RenameCommand,
  Rule,
  RuleCommand,
  RulePosition,
  SetExpression,
  TableReference,
  VariableExpression,
} from '../../ast/nodes/index.ts';
import type { Family } from '../../model/family.ts';
import type { Span } from '../../source/span.ts';
import { type Branch, type Derivation, isBranch, isLeaf } from '../derivation.ts';
import { TokenKind } from '../token.ts';
import { type Build, type Compiler, type Constructor, keyword, node, part, rangeOf } from './compiler.ts';
import type { TokenView } from './view.ts';

/** What can have a block of its own. */
export type BlockObject = Exclude<ObjectKind, 'rule' | 'meter'>;

/** A declaration as a command wrote it: its properties follow in a block, or stand in the line, or there are none. */
export interface DeclarationLine {
  readonly kind: 'declaration_line';
  readonly verb: 'add' | 'create' | 'delete' | 'destroy';
  readonly object: BlockObject;
  readonly table: TableReference;
  /** Absent for a table. */
  readonly name?: Name;
  readonly opensBlock: boolean;
  /** The configuration of an object that was given without a block, by the name of its property. */
  readonly inline?: { readonly kind: string; readonly value: unknown };
  readonly span: Command['span'];
}

/** A table's or a file's line that opens a block: `chain c {`. */
export interface BlockHeader {
  readonly kind: 'header';
  readonly object: BlockObject;
  readonly name: Name;
  readonly span: Command['span'];
}

export type CommandLine = Command | DeclarationLine;

const tableReference: Constructor = (branch, compiler) => {
  const family = (keyword(branch.children[0]) || 'ip') as Family;
  const name = compiler.build<Name>(branch.children[1]);
  return node(
    branch,
    (view): Omit<TableReference, 'span'> => ({ kind: 'table_reference', family, name: name(view) }),
  );
};

export interface ObjectPath {
  readonly table: TableReference;
  readonly name: Name;
}

const objectPath: Constructor = (branch, compiler) => {
  const table = compiler.build<TableReference>(branch.children[0]);
  const name = compiler.build<Name>(branch.children[1]);
  return (view): ObjectPath => ({ table: table(view), name: name(view) });
};

/** A verb and a body, the verb added to what the body makes. */
const withVerb =
  (fallback: string): Constructor =>
  (branch, compiler) => {
    const verb = keyword(branch.children[0]) || fallback;
    const body = compiler.build<object>(branch.children[1]);
    return node(branch, view => ({ verb, ...body(view) }));
  };

const plain: Constructor = (branch, compiler) => {
  const body = compiler.build<object>(branch.children[1]);
  return node(branch, body);
};

// rules

const rulePosition: Constructor = (branch, compiler) => {
  const path = compiler.build<ObjectPath>(branch.children[0]);
  const word = keyword(branch.children[1]);
  const number = compiler.optional<NumberLiteral>(branch.children[2]);
  const by = word === 'index' ? 'index' : 'handle';
  const target: Branch = { name: 'position', children: branch.children.slice(1) };
  const position =
    number && (node(target, view => ({ kind: 'position', by, number: number(view) })) as Build<RulePosition>);
  return (view): Omit<RuleCommand, 'kind' | 'verb' | 'rule' | 'span'> => {
    const { table, name } = path(view);
    return { table, chain: name, ...part('position', position, view) };
  };
};

type RulePlace = Omit<RuleCommand, 'kind' | 'verb' | 'rule' | 'span'>;

/** Where and what of a rule command; each part is built when it is asked for. */
interface RuleCommandRecipe {
  readonly verb: RuleCommand['verb'];
  readonly first: number;
  readonly last: number;
  readonly place: Build<RulePlace>;
  readonly rule: Build<Rule>;
}

/** Files of a hundred thousand `add rule` are common: like their rules they are not built until they are looked at. */
class LazyRuleCommand implements RuleCommand {
  readonly kind = 'rule_command';
  private readonly view: TokenView;
  private readonly recipe: RuleCommandRecipe;

  constructor(view: TokenView, recipe: RuleCommandRecipe) {
    this.view = view;
    this.recipe = recipe;
  }

  get verb(): RuleCommand['verb'] {
    return this.recipe.verb;
  }

  get span(): Span {
    return this.view.span(this.recipe.first, this.recipe.last);
  }

  get table(): TableReference {
    return this.recipe.place(this.view).table;
  }

  get chain(): Name {
    return this.recipe.place(this.view).chain;
  }

  get position(): RulePosition | undefined {
    return this.recipe.place(this.view).position;
  }

  get rule(): Rule {
    return this.recipe.rule(this.view);
  }
}

const ruleCommand =
  (verb: RuleCommand['verb'], placeAt: number): Constructor =>
  (branch, compiler) => {
    const place = compiler.build<RulePlace>(branch.children[placeAt]);
    const rule = compiler.build<Rule>(branch.children[placeAt + 1]);
    const recipe: RuleCommandRecipe = { verb, ...rangeOf(branch), place, rule };
    return (view): RuleCommand => new LazyRuleCommand(view, recipe);
  };

const replaceRule: Constructor = (branch, compiler) => {
  const path = compiler.build<ObjectPath>(branch.children[2]);
  const handle = compiler.build<NumberLiteral>(branch.children[3]);
  const rule = compiler.build<Rule>(branch.children[4]);
  const target: Branch = { name: 'position', children: [branch.children[3]!] };
  const position = node(target, view => ({ kind: 'position', by: 'handle', number: handle(view) }));
  return node(
    branch,
    (view): Omit<RuleCommand, 'span'> => ({
      kind: 'rule_command',
      verb: 'replace',
      table: path(view).table,
      chain: path(view).name,
      position: position(view) as RulePosition,
      rule: rule(view),
    }),
  );
};

// declarations

const opensBlock = (branch: Branch): boolean => {
  const end = branch.children[branch.children.length - 1]!;
  return isLeaf(end) && end.kind === TokenKind.openEnd;
};

/** A header's keyword, with the one before it for `ct helper`. */
export const objectOf = (branch: Branch): BlockObject =>
  branch.children
    .filter(isLeaf)
    .map(keyword)
    .filter(text => text !== '')
    .join(' ') as BlockObject;

const declareTable: Constructor = (branch, compiler) => {
  const table = compiler.build<TableReference>(branch.children[1]);
  const opens = opensBlock(branch);
  return view => ({ kind: 'declaration_line', object: 'table', table: table(view), opensBlock: opens });
};

const declare: Constructor = (branch, compiler) => {
  const branches = branch.children.filter(isBranch);
  const path = compiler.build<ObjectPath>(branches[0]);
  const config = branches[1];
  const inline = config && compiler.build(config);
  const object = objectOf(branch);
  const opens = opensBlock(branch);
  return view => ({
    kind: 'declaration_line',
    object,
    ...path(view),
    opensBlock: opens,
    ...(inline && config
      ? { inline: { kind: config.name === 'text' ? 'secmark' : config.name, value: inline(view) } }
      : {}),
  });
};

const blockKind: Constructor = branch => () => objectOf(branch);

const blockHeader: Constructor = (branch, compiler) => {
  const object = compiler.build<BlockObject>(branch.children[0]);
  const name = compiler.build<Name>(branch.children[1]);
  return node(
    branch,
    (view): Omit<BlockHeader, 'span'> => ({ kind: 'header', object: object(view), name: name(view) }),
  );
};

const tableFlags: Constructor = (branch, compiler) => {
  const list = branch.children[1] as Branch;
  const flags = compiler.buildAll<Name>(collectNames(list));
  return node(branch, view => ({ kind: 'table_flags', flags: flags.map(build => build(view)) }));
};

function collectNames(list: Derivation): readonly Branch[] {
  if (!isBranch(list)) return [];
  return list.name === 'name' ? [list] : list.children.flatMap(collectNames);
}

// elements

type ElementBody = Omit<ElementCommand, 'verb' | 'span'>;

function elementBody(branch: Branch, compiler: Compiler): Build<ElementBody> {
  const [pathBranch, elementsBranch] = branch.children.filter(isBranch);
  const path = compiler.build<ObjectPath>(pathBranch);
  const elements = compiler.build<SetExpression | VariableExpression>(elementsBranch);
  return (view): ElementBody => {
    const { table, name } = path(view);
    return { kind: 'element_command', table, set: name, elements: elements(view) };
  };
}

const elementCommand: Constructor = elementBody;

const getElement: Constructor = (branch, compiler) => {
  const body = elementBody(branch, compiler);
  return node(branch, (view): Omit<ElementCommand, 'span'> => ({ verb: 'get', ...body(view) }));
};

const resetElement: Constructor = (branch, compiler) => {
  const body = elementBody(branch, compiler);
  return (view): Omit<ElementCommand, 'span'> => ({ verb: 'reset', ...body(view) });
};

// references

const rename: Constructor = (branch, compiler) => {
  const path = compiler.build<ObjectPath>(branch.children[2]);
  const newName = compiler.build<Name>(branch.children[3]);
  return node(
    branch,
    (view): Omit<RenameCommand, 'span'> => ({
      kind: 'rename',
      table: path(view).table,
      chain: path(view).name,
      newName: newName(view),
    }),
  );
};

export const commandConstructors: readonly (readonly [string, Constructor])[] = [
  ['tableReference', tableReference],
  ['objectPath', objectPath],
  ['verbAdd', withVerb('add')],
  ['verb', withVerb('add')],
  ['plain', plain],
  ['rulePosition', rulePosition],
  ['addRule', ruleCommand('add', 2)],
  ['insertRule', ruleCommand('insert', 2)],
  ['replaceRule', replaceRule],
  ['declareTable', declareTable],
  ['declare', declare],
  ['declareCt', declare],
  ['declareObject', declare],
  ['blockKind', blockKind],
  ['blockHeader', blockHeader],
  ['tableFlags', tableFlags],
  ['elementCommand', elementCommand],
  ['getElement', getElement],
  ['resetElement', resetElement],
  ['deleteBlock', declare],
  ['rename', rename],
];
