// The typed ruleset as register IR: what nf_tables would be given, and in which order.

import { attempt } from '../../ast/type/failure.ts';
import type {
  TypedChain,
  TypedElement,
  TypedObject,
  TypedRule,
  TypedRuleset,
  TypedSet,
  TypedTable,
} from '../../ast/type/typed.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { buildElements, type ContentItem, type SetShape, setLayout } from '../sets/contents.ts';
import { Emitter } from './emitter.ts';
import type { IrChain, IrObject, IrRule, IrRuleset, IrSet, IrTable, RuleId, SetId } from './ir.ts';
import { statefulExpression } from './stateful.ts';
import { genStatement } from './statement.ts';

export interface LinearizeOptions {
  readonly [option: string]: unknown;
}

export interface LinearizeResult {
  /** Without the rules that are refused. */
  readonly ir: IrRuleset;
  readonly diagnostics: readonly Diagnostic[];
}

/** The register IR of `ruleset`. */
export function linearize(ruleset: TypedRuleset, _options?: LinearizeOptions): LinearizeResult {
  const diagnostics: Diagnostic[] = [];
  const tables = ruleset.tables.map(table => linearizeTable(table, diagnostics));
  return { ir: { tables }, diagnostics };
}

function linearizeTable(table: TypedTable, diagnostics: Diagnostic[]): IrTable {
  const { family, name, span, dormant } = table;
  return {
    family,
    name,
    span,
    dormant,
    chains: table.chains.map(chain => linearizeChain(chain, diagnostics)),
    sets: table.sets.map(set => linearizeSet(set, diagnostics)),
    objects: table.objects.map(linearizeObject),
  };
}

function linearizeChain(chain: TypedChain, diagnostics: Diagnostic[]): IrChain {
  return { ...chain, rules: chain.rules.flatMap(rule => linearizeRule(rule, diagnostics) ?? []) };
}

/** Each rule begins with all registers free. */
function linearizeRule(rule: TypedRule, diagnostics: Diagnostic[]): IrRule | undefined {
  const emitter = new Emitter();
  const done = attempt(diagnostics, () => {
    for (const statement of rule.statements) genStatement(emitter, statement);
    return true;
  });
  if (done === undefined) return undefined;
  return {
    id: rule.id as RuleId,
    span: rule.span,
    expressions: emitter.expressions,
    origins: emitter.origins,
    ...(rule.comment !== undefined && { comment: rule.comment }),
  };
}

function linearizeObject(object: TypedObject): IrObject {
  const { kind, type, name, span, state } = object;
  return { kind, type, name, span, ...(state !== undefined && { expression: statefulExpression(state) }) };
}

function shapeOf(set: TypedSet): SetShape {
  const { keyParts, data, flags, autoMerge, size } = set;
  const part = ({ type, bits, order }: TypedSet['keyParts'][number]) => ({ bits, order, class: type.class });
  return {
    parts: keyParts.map(part),
    interval: (flags & SetFlag.interval) !== 0,
    anonymous: (flags & SetFlag.anonymous) !== 0,
    autoMerge,
    ...(data !== undefined && {
      data:
        data.kind === 'value'
          ? { kind: 'value', parts: data.parts.map(part), interval: data.interval }
          : { kind: data.kind },
    }),
    ...(size !== undefined && { size }),
  };
}

function contentItem(element: TypedElement): ContentItem {
  const { span, parts, data, extras } = element;
  if (extras === undefined) return data === undefined ? { span, parts } : { span, parts, data };
  const { timeout, expires, comment, statements } = extras;
  return {
    span,
    parts,
    ...(data !== undefined && { data }),
    extras: {
      ...(timeout !== undefined && { timeout: timeout === 'never' ? 0n : timeout }),
      ...(expires !== undefined && { expires }),
      ...(statements !== undefined && { expressions: statements.map(statefulExpression) }),
      ...(comment !== undefined && { comment }),
    },
  };
}

function linearizeSet(set: TypedSet, diagnostics: Diagnostic[]): IrSet {
  const shape = shapeOf(set);
  const { keyLength, keyParts, data: dataLayout } = setLayout(shape);
  const built = buildElements(shape, set.elements.map(contentItem));
  diagnostics.push(...built.diagnostics);
  const { id, name, span, flags, data, policy, size, timeout, gcInterval, statements } = set;
  const irData =
    data === undefined
      ? undefined
      : data.kind === 'object'
        ? ({ kind: 'object', type: data.objectType } as const)
        : data.kind === 'value' && dataLayout !== undefined
          ? ({ kind: 'value', ...dataLayout } as const)
          : ({ kind: 'verdict' } as const);
  return {
    id: id as SetId,
    name,
    span,
    flags,
    keyLength,
    keyParts,
    ...(irData !== undefined && { data: irData }),
    ...(policy !== undefined && { policy }),
    ...(size !== undefined && { size }),
    ...(timeout !== undefined && { timeout }),
    ...(gcInterval !== undefined && { gcInterval }),
    ...(statements.length > 0 && { expressions: statements.map(statefulExpression) }),
    elements: built.elements,
  };
}
