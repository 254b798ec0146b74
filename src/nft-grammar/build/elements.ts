// Elements of sets, statements that change sets, and rules.

import type {
  Element,
  Expression,
  MeterStatement,
  Name,
  NumberLiteral,
  Rule,
  RuleForm,
  SetReference,
  SetUpdateStatement,
  StatefulStatement,
  Statement,
  TimeLiteral,
  VariableExpression,
} from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import { type Branch, type Derivation, isBranch, listItems, literalsOf } from '../derivation.ts';
import { type Build, type Compiler, type Constructor, keyword, node, part, rangeOf } from './compiler.ts';
import { CountingView, type FoldedShape, foldedKey, foldedShape } from './folded.ts';
import type { CommentPart } from './names.ts';
import { type TokenSource, TokenView } from './view.ts';

/** What stands behind the key of an element. */
interface ElementState {
  readonly timeout?: Build<TimeLiteral>;
  readonly expires?: Build<TimeLiteral>;
  readonly comment?: Build<CommentPart>;
  readonly statements: readonly Build<StatefulStatement>[];
}

const isList = (derivation: Derivation): derivation is Branch =>
  isBranch(derivation) && (derivation.name === 'first' || derivation.name === 'more');

/** nft takes one comment an element; of several timeouts the last holds. */
function refuseSecondComment(options: readonly Branch[], compiler: Compiler): void {
  const comments = options.filter(option => option.name === 'comment');
  if (comments.length > 1) compiler.refuse(comments[1]!, 'given-twice', 'an element has one comment');
}

function readState(parts: readonly Derivation[], compiler: Compiler): ElementState {
  const items = parts.filter(isList).flatMap(listItems);
  const isOption = (item: Branch): boolean => ['timeout', 'expires', 'comment'].includes(item.name);
  const options = items.filter(isOption);
  refuseSecondComment(options, compiler);
  const byName = new Map(options.map(option => [option.name, compiler.build(option)]));
  return {
    ...Object.fromEntries(byName),
    statements: compiler.buildAll<StatefulStatement>(items.filter(item => !isOption(item))),
  };
}

const buildState = (state: ElementState, view: TokenView): Pick<Element, 'statements'> & Partial<Element> => {
  const comment = state.comment?.(view).comment;
  return {
    ...part('timeout', state.timeout, view),
    ...part('expires', state.expires, view),
    ...(comment === undefined ? {} : { comment }),
    statements: state.statements.map(build => build(view)),
  };
};

const noStatements: readonly StatefulStatement[] = [];

const element: Constructor = (branch, compiler) => {
  const [keyBranch, stateBranch, dataBranch] = branch.children;
  const key = compiler.build<Expression>(keyBranch);
  if (!stateBranch && !dataBranch) {
    // Most elements of long lists are a key and nothing else.
    return node(
      branch,
      (view): Omit<Element, 'span'> => ({ kind: 'element', key: key(view), statements: noStatements }),
    );
  }
  const state = readState(isBranch(stateBranch ?? null) ? (stateBranch as Branch).children : [], compiler);
  const data = isBranch(dataBranch ?? null)
    ? compiler.build<Expression>((dataBranch as Branch).children[1])
    : undefined;
  return node(
    branch,
    (view): Omit<Element, 'span'> => ({
      kind: 'element',
      key: key(view),
      ...part('data', data, view),
      ...buildState(state, view),
    }),
  );
};

/** True if the element maps to a verdict. */
export function hasVerdict(derivation: Derivation): boolean {
  if (!isBranch(derivation) || derivation.name !== 'element') return false;
  const data = derivation.children[2] ?? null;
  return isBranch(data) && isBranch(data.children[1]!) && (data.children[1] as Branch).name === 'verdict';
}

/** The key of a set statement, with statements that stand behind it in the same braces. */
function updateKeyWith(branch: Branch, statements: Derivation, compiler: Compiler): Build<Element> {
  const key = compiler.build<Expression>(branch.children[0]);
  const state = readState([branch.children[1] ?? null, statements], compiler);
  const whole: Branch = { name: 'updateKey', children: [branch, statements] };
  return node(
    whole,
    (view): Omit<Element, 'span'> => ({
      kind: 'element',
      key: key(view),
      ...buildState(state, view),
    }),
  ) as Build<Element>;
}

const updateKey: Constructor = (branch, compiler) => updateKeyWith(branch, null, compiler);

type Operation = SetUpdateStatement['operation'];
type SetTarget = SetReference | VariableExpression;

const setUpdate: Constructor = (branch, compiler) => {
  const operation = keyword(branch.children[0]) as Operation;
  const set = compiler.build<SetTarget>(branch.children[1]);
  const key = updateKeyWith(branch.children[3] as Branch, branch.children[4] ?? null, compiler);
  const data = compiler.optional<Element>(branch.children[5]);
  return node(
    branch,
    (view): Omit<SetUpdateStatement, 'span'> => ({
      kind: 'set_update',
      operation,
      set: set(view),
      key: key(view),
      ...part('data', data, view),
    }),
  );
};

const setUpdateOld: Constructor = (branch, compiler) => {
  const operation = keyword(branch.children[1]) as Operation;
  const key = compiler.build<Element>(branch.children[2]);
  const set = compiler.build<SetTarget>(branch.children[3]);
  return node(
    branch,
    (view): Omit<SetUpdateStatement, 'span'> => ({
      kind: 'set_update',
      operation,
      set: set(view),
      key: key(view),
    }),
  );
};

const meter: Constructor = (branch, compiler) => {
  const [, nameBranch, sizeBranch, , keyBranch, statementBranch] = branch.children;
  const name = compiler.build<Name>(nameBranch);
  const size = compiler.optional<NumberLiteral>(sizeBranch);
  const key = compiler.build<Element>(keyBranch);
  const statement = compiler.build<Statement>(statementBranch);
  return node(
    branch,
    (view): Omit<MeterStatement, 'span'> => ({
      kind: 'meter',
      name: name(view),
      ...part('size', size, view),
      key: key(view),
      statement: statement(view),
    }),
  );
};

interface RuleRecipe {
  readonly first: number;
  readonly last: number;
  readonly statements: readonly Build<Statement>[];
  readonly comment: Build<CommentPart> | undefined;
  readonly literals: readonly number[];
  /** Of rules with something folded into them, by what that is. */
  readonly folded: Map<string, FoldedShape>;
}

/** A rule that is a shape and a place until somebody looks at it: a hundred thousand rules are not as many trees. */
class LazyRule implements Rule, RuleForm {
  readonly kind = 'rule';
  private readonly source: TokenSource;
  private readonly base: number;
  private readonly recipe: RuleRecipe;
  /** Undefined until it is asked for; null if something is folded into the rule that has no shape. */
  private known: FoldedShape | null | undefined = undefined;

  constructor({ source, base }: TokenView, recipe: RuleRecipe) {
    this.source = source;
    this.base = base;
    this.recipe = recipe;
  }

  private get view(): TokenView {
    return new TokenView(this.source, this.base);
  }

  get span(): Span {
    return this.view.span(this.recipe.first, this.recipe.last);
  }

  get statements(): readonly Statement[] {
    const { view } = this;
    return this.recipe.statements.map(build => build(view));
  }

  get comment(): Rule['comment'] {
    return this.recipe.comment?.(this.view).comment;
  }

  get form(): RuleForm | undefined {
    if (this.known === undefined) this.known = this.findShape() ?? null;
    return this.known === null ? undefined : this;
  }

  private findShape(): FoldedShape | undefined {
    const { source, base, recipe } = this;
    const [from, to] = [base + recipe.first, base + recipe.last + 1];
    if (!source.attachments.isAny(from, to)) return recipe;
    const key = foldedKey(source, from, to);
    if (key === undefined) return undefined;
    let shape = recipe.folded.get(key);
    if (shape === undefined) {
      shape = foldedShape(source, base, recipe);
      recipe.folded.set(key, shape);
    }
    return shape;
  }

  /** Nobody asks a rule without a form for what follows. */
  get shape(): FoldedShape {
    return this.known ?? this.recipe;
  }

  get literals(): readonly number[] {
    return this.shape.literals;
  }

  get first(): number {
    return this.shape.first;
  }

  get last(): number {
    return this.shape.last;
  }

  text(token: number): string {
    const { text, tokens } = this.source;
    return text.slice(tokens.from.at(this.base + token), tokens.to.at(this.base + token));
  }

  spanOf(first: number, last: number): Span {
    return this.view.span(first, last);
  }

  trace(): ReturnType<RuleForm['trace']> {
    const reads = new Map<number, number>();
    const view = new CountingView(this.source, this.base, reads);
    return { statements: this.recipe.statements.map(build => build(view)), reads };
  }
}

const rule: Constructor = (branch, compiler) => {
  const recipe: RuleRecipe = {
    ...rangeOf(branch),
    statements: compiler.buildAll<Statement>(listItems(branch.children[0]!)),
    comment: compiler.optional<CommentPart>(branch.children[1]),
    literals: literalsOf(branch.children[0]!),
    folded: new Map(),
  };
  return (view): Rule => new LazyRule(view, recipe);
};

export const elementConstructors: readonly (readonly [string, Constructor])[] = [
  ['element', element],
  ['updateKey', updateKey],
  ['setUpdate', setUpdate],
  ['setUpdateOld', setUpdateOld],
  ['meter', meter],
  ['rule', rule],
  // Options of elements and properties of sets, named by their first keyword.
  ['timeout', (branch, compiler) => compiler.build(branch.children[1])],
  ['expires', (branch, compiler) => compiler.build(branch.children[1])],
];
