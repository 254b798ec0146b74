// Register IR by hand, for tests of what takes it: expressions and one-table rulesets in few words.

import type {
  Expression,
  IrChain,
  IrObject,
  IrRule,
  IrRuleset,
  IrSet,
  Register,
  RuleId,
  SetId,
  Value,
  Verdict,
} from '../../src/lower/linear/ir.ts';
import type { Family, Hook } from '../../src/model/family.ts';
import type { FileId, Span } from '../../src/source/span.ts';
import { fromHex } from '../model/bytes.ts';

export const nowhere: Span = { file: 0 as FileId, from: 0, to: 0 };
export const reg = (word: number): Register => word as Register;

/** A constant in network order, by its hexadecimal digits. */
export function constant(hex: string): Value {
  const bytes = fromHex(hex);
  return { bytes, parts: [{ length: bytes.length, order: 'network' }] };
}

export const counter: Expression = { op: 'counter', packets: 0n, bytes: 0n };

export function verdict(kind: Verdict['kind'], chain?: string): Expression {
  return { op: 'verdict', verdict: { kind, ...(chain !== undefined && { chain }) } as Verdict };
}

export function payload(
  base: 'network' | 'transport' | 'link',
  offset: number,
  length: number,
  word = 0,
): Expression {
  return { op: 'payload', base, offset, length, dest: reg(word) };
}

export function equals(hex: string, word = 0): Expression {
  return { op: 'cmp', operator: 'eq', source: reg(word), value: constant(hex) };
}

export interface ChainText {
  readonly hook?: Hook;
  readonly priority?: number;
  readonly policy?: 'accept' | 'drop';
  readonly rules: readonly (readonly Expression[])[];
}

/** Rules are numbered through, in the order of the chains. */
export function rulesetOf(
  chains: Readonly<Record<string, ChainText>>,
  parts: {
    readonly family?: Family;
    readonly sets?: readonly IrSet[];
    readonly objects?: readonly IrObject[];
  } = {},
): IrRuleset {
  let next = 0;
  const rule = (expressions: readonly Expression[]): IrRule => ({
    id: next++ as RuleId,
    span: nowhere,
    expressions,
    origins: expressions.map(() => nowhere),
  });
  const toChain = ([name, { hook, priority = 0, policy = 'accept', rules }]: [
    string,
    ChainText,
  ]): IrChain => {
    const chain = { name, span: nowhere, rules: rules.map(rule) };
    const devices = hook === 'ingress' || hook === 'egress' ? ['in0'] : [];
    return hook === undefined
      ? chain
      : { ...chain, base: { type: 'filter', hook, priority, devices, policy } };
  };
  const table = {
    family: parts.family ?? 'netdev',
    name: 't',
    span: nowhere,
    dormant: false,
    chains: Object.entries(chains).map(toChain),
    sets: parts.sets ?? [],
    objects: parts.objects ?? [],
  };
  return { tables: [table] };
}

export interface ElementText {
  readonly key: string;
  readonly end?: string;
  readonly flags?: number;
  readonly verdict?: Verdict;
  readonly expressions?: readonly Expression[];
}

/** A set of keys given in hexadecimal, parts padded; `parts` are their lengths in bytes. */
export function setOf(
  id: number,
  flags: number,
  parts: readonly number[],
  elements: readonly ElementText[],
): IrSet {
  const keyLength =
    parts.length === 1 ? parts[0]! : parts.reduce((sum, length) => sum + Math.ceil(length / 4) * 4, 0);
  const column = (texts: readonly string[]): Uint8Array =>
    fromHex(texts.map(text => text.padEnd(keyLength * 2, '0')).join(''));
  const extras = elements.flatMap(({ expressions }, index) =>
    expressions ? [[index, { expressions }] as const] : [],
  );
  return {
    id: id as SetId,
    name: `s${id}`,
    span: nowhere,
    flags,
    keyLength,
    keyParts: parts.map(length => ({ length, order: 'network' })),
    ...(elements.some(element => element.verdict) && { data: { kind: 'verdict' } }),
    elements: {
      count: elements.length,
      keys: column(elements.map(({ key }) => key)),
      ...(elements.some(({ end }) => end) && { keyEnds: column(elements.map(({ key, end }) => end ?? key)) }),
      flags: Uint8Array.from(elements, element => element.flags ?? 0),
      verdicts: elements.map(element => element.verdict),
      ...(extras.length > 0 && { extras: new Map(extras) }),
    },
  };
}
