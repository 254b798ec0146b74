// Reads one rule's expressions with symbolic registers and writes down its actions. What the target cannot decide is
// refused here, expression by expression, so that a rule reports all that stands against it.

import { largestCapture, logUserFlag } from '../../model/log-record.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { refuseForKernel } from '../hooks/kernel.ts';
import type { Place, TargetFacts } from '../hooks/target.ts';
import { largestBucket, limitOf } from '../limit.ts';
import type { CompareOperator, Expression, IrRule, IrSet, SetId } from '../linear/ir.ts';
import { partLengths, partOffsets } from '../sets/layout-elements.ts';
import type { Action } from './action.ts';
import {
  constantField,
  type Field,
  fieldOf,
  isConstant,
  numberOf,
  type Source,
  sourceKey,
  withStep,
} from './field.ts';
import type { Effect } from './graph.ts';
import { refusal } from './refusal.ts';
import { type Part, SymbolicRegisters } from './registers.ts';
import { complement, type Range, valuesFor } from './values.ts';

/** What a rule is read against. */
export interface RuleContext {
  readonly target: TargetFacts;
  readonly place: Place;
  readonly findSet: (id: SetId) => IrSet | undefined;
  /** Why a set cannot be asked here; undefined if it can. */
  readonly refuseSet: (set: IrSet) => string | undefined;
  /** The slot of the rule's next counter statement. */
  readonly ruleCounter: (rule: IrRule, expression: Extract<Expression, { op: 'counter' }>) => number;
  /** The statement's number in the log's role, and what a record holds. Undefined: log statements are refused. */
  readonly logStatement:
    | ((rule: IrRule, expression: RecordedExpression) => { statement: number; capture: number })
    | undefined;
  /** The place of a piece of state that begins as `initial`; the same `key` in the table, the same place. */
  readonly state: (key: string, initial: bigint) => number;
  /** A named object's expression. */
  readonly findObject: (type: number, name: string) => Expression | undefined;
  /** The names of the table's objects of a type. */
  readonly objectNames: (type: number) => readonly string[];
  /** The slot of a named counter; undefined if there is no such object. */
  readonly namedCounter: (name: string) => number | undefined;
}

/** What has records: a log statement, or (`trace`) the place from which nf_tables would trace a packet. */
export type RecordedExpression = Extract<Expression, { op: 'log' }> & { readonly trace?: true };

/** Values of 8 bytes that a rule can keep on the stack. */
export const slotCount = 8;

/** NFT_OBJECT_COUNTER. */
const counterObject = 1;

const metaLengths: Readonly<Record<string, number>> = {
  protocol: 2,
  nfproto: 1,
  l4proto: 1,
  iifname: 16,
  oifname: 16,
  iifkind: 16,
  oifkind: 16,
  sdifname: 16,
  bri_iifname: 16,
  bri_oifname: 16,
  iiftype: 2,
  oiftype: 2,
  pkttype: 1,
  secpath: 1,
  time: 8,
  day: 1,
};

const conntrackLengths: Readonly<Record<string, number>> = {
  direction: 1,
  helper: 16,
  l3protocol: 1,
  protocol: 1,
  proto_src: 2,
  proto_dst: 2,
  label: 16,
  bytes: 8,
  packets: 8,
  avgpkt: 8,
  zone: 2,
  src_ip6: 16,
  dst_ip6: 16,
};

/** `ct src` and `ct dst` are as long as the family's addresses. */
function conntrackLength(key: string, place: Place): number {
  if ((key === 'src' || key === 'dst') && place.family === 'ip6') return 16;
  return conntrackLengths[key] ?? 4;
}

class RuleReader {
  readonly actions: Action[] = [];
  readonly refusals: Diagnostic[] = [];
  private readonly registers = new SymbolicRegisters();
  /** Loads that no test has read yet: where a statement follows, their absence must show before it. */
  private pending: Field[] = [];
  private slots = 0;
  private readonly rule: IrRule;
  private readonly context: RuleContext;
  private index = 0;

  constructor(rule: IrRule, context: RuleContext) {
    this.rule = rule;
    this.context = context;
  }

  run(): void {
    for (const [index, expression] of this.rule.expressions.entries()) {
      this.index = index;
      this.read(expression);
    }
  }

  private refuse(message: string): void {
    this.refusals.push(refusal('unsupported-expression', message, this.rule.origins[this.index]!));
  }

  private read(expression: Expression): void {
    switch (expression.op) {
      case 'payload':
        this.readPayload(expression);
        return;
      case 'meta':
        if (expression.key === 'prandom') {
          this.draw(expression.dest, undefined, 2 ** 32, 0);
          return;
        }
        this.load(expression.dest, {
          from: 'meta',
          key: expression.key,
          length: metaLengths[expression.key] ?? 4,
        });
        return;
      case 'ct':
        this.readConntrack(expression);
        return;
      case 'exthdr':
        this.readHeader(expression);
        return;
      case 'cmp':
        this.readCompare(expression);
        return;
      case 'range':
        this.readRange(expression);
        return;
      case 'bitwise':
        this.readMask(expression);
        return;
      case 'bitwise_shift':
        this.oneField(expression, 4, field =>
          withStep(field, { do: 'shift', direction: expression.direction, bits: expression.shift }),
        );
        return;
      case 'byteorder':
        this.oneField(expression, expression.size, field => withStep(field, { do: 'swap' }));
        return;
      case 'immediate':
        this.registers.write(expression.dest, constantField(expression.value.bytes));
        return;
      case 'lookup':
        this.readLookup(expression);
        return;
      case 'verdict':
        this.settle();
        this.act({ kind: 'verdict', verdict: expression.verdict });
        return;
      case 'counter':
        this.effect({ do: 'count', slot: this.context.ruleCounter(this.rule, expression) });
        return;
      case 'limit':
      case 'quota':
        this.readState(expression, `rule ${this.rule.id} ${this.index}`);
        return;
      case 'numgen':
        this.readNumber(expression);
        return;
      case 'objref':
        this.readObject(expression.type, expression.name);
        return;
      case 'dynset':
        this.readDynset(expression);
        return;
      case 'objref_map':
        this.readObjectMap(expression);
        return;
      case 'meta_set':
        this.readMetaSet(expression);
        return;
      case 'payload_write':
      case 'exthdr_write':
      case 'exthdr_reset':
        this.refuse('packets are not rewritten yet');
        return;
      case 'log':
        this.readLog(expression);
        return;
      case 'other':
        this.refuse(`\`${expression.name}\` is not translated yet`);
        return;
      default:
        this.refuse(`\`${expression.op.replace('_', ' ')}\` is not translated yet`);
        return;
    }
  }

  private act(action: Action extends infer A ? (A extends Action ? Omit<A, 'origin'> : never) : never): void {
    this.actions.push({ ...action, origin: this.index } as Action);
  }

  private effect(effect: Extract<Action, { kind: 'effect' }>['effect']): void {
    this.settle();
    this.act({ kind: 'effect', effect });
  }

  /** Loads that failed have ended the rule by now, read or not. */
  private settle(): void {
    if (this.pending.length > 0) this.act({ kind: 'present', fields: this.pending });
    this.pending = [];
  }

  private tested(fields: readonly Field[]): void {
    const keys = new Set(fields.map(field => sourceKey(field.source)));
    this.pending = this.pending.filter(field => !keys.has(sourceKey(field.source)));
  }

  private load(register: number, source: Source): void {
    const { target, place } = this.context;
    const constant = target.constant(source, place);
    const refused = constant
      ? undefined
      : (target.refuseSource(source, place) ?? refuseForKernel(source, place));
    if (refused !== undefined) this.refuse(refused);
    const field = constant ? constantField(constant) : fieldOf(source);
    if (!constant) this.pending.push(field);
    this.registers.write(register, field);
  }

  private readPayload(expression: Extract<Expression, { op: 'payload' }>): void {
    const { base, offset, length, dest } = expression;
    if (base === 'inner' || base === 'tunnel') {
      this.refuse('inner headers are not translated yet');
      this.registers.write(dest, constantField(new Uint8Array(length)));
      return;
    }
    this.load(dest, { from: 'payload', base, offset, length });
  }

  private readConntrack(expression: Extract<Expression, { op: 'ct' }>): void {
    const { key, direction, dest } = expression;
    this.load(dest, { from: 'ct', key, direction, length: conntrackLength(key, this.context.place) });
  }

  private readHeader(expression: Extract<Expression, { op: 'exthdr' }>): void {
    const { header, type, offset, present, dest } = expression;
    const length = present ? 1 : expression.length;
    const reach = offset + expression.length;
    this.load(dest, { from: 'exthdr', header, type, offset, length, present, reach });
  }

  private parts(register: number, length: number): Part[] | undefined {
    const parts = this.registers.read(register, length);
    if (parts === undefined) this.refuse('the rule reads a register that it did not write');
    return parts;
  }

  private readCompare({ source, operator, value }: Extract<Expression, { op: 'cmp' }>): void {
    const values = valuesFor(operator, numberOf(value.bytes), value.bytes.length);
    this.compare(source, values, value.bytes, operator);
  }

  private readRange({ source, from, to, invert }: Extract<Expression, { op: 'range' }>): void {
    const [low, high] = [numberOf(from.bytes), numberOf(to.bytes)];
    const inside = low <= high ? [{ low, high }] : [];
    const { length } = from.bytes;
    this.compare(source, invert ? complement(inside, length) : inside, from.bytes, undefined);
  }

  /** `bytes` is the constant of `==` and `!=`; in other comparisons only its length counts. */
  private compare(
    register: number,
    values: readonly Range[],
    bytes: Uint8Array,
    operator: CompareOperator | undefined,
  ): void {
    const parts = this.parts(register, bytes.length);
    if (parts === undefined) return;
    this.tested(parts.map(part => part.field));
    const [only] = parts;
    if (parts.length === 1 && only?.field.length === bytes.length) {
      this.act({ kind: 'test', field: only.field, values });
      return;
    }
    this.compareParts(parts, bytes, operator);
  }

  /** A comparison of several fields at once is one of each: nft sends only `==` and `!=` of those. */
  private compareParts(
    parts: readonly Part[],
    bytes: Uint8Array,
    operator: CompareOperator | undefined,
  ): void {
    const tests = partTests(parts, bytes);
    const never = { kind: 'test', field: parts[0]!.field, values: [] } as const;
    if (operator === 'eq') for (const test of tests ?? [never]) this.act({ ...test, kind: 'test' });
    else if (operator === 'neq')
      this.act(
        tests ? { kind: 'differ', tests } : { kind: 'present', fields: parts.map(part => part.field) },
      );
    else this.refuse('an ordered comparison of several fields is not translated');
  }

  private readMask(expression: Extract<Expression, { op: 'bitwise' }>): void {
    const { source, dest, length, mask, xor } = expression;
    const parts = this.parts(source, length);
    if (parts === undefined) return;
    let at = 0;
    for (const { field, padded } of parts) {
      const cut = (bytes: Uint8Array): Uint8Array => {
        const piece = new Uint8Array(field.length);
        piece.set(bytes.subarray(at, at + field.length));
        return piece;
      };
      this.registers.write(
        dest + at / 4,
        withStep(field, { do: 'mask', mask: cut(mask.bytes), xor: cut(xor.bytes) }),
      );
      at += padded;
    }
  }

  private oneField(
    expression: { readonly source: number; readonly dest: number; readonly length: number },
    unit: number,
    change: (field: Field) => Field,
  ): void {
    const parts = this.parts(expression.source, expression.length);
    if (parts === undefined) return;
    const [part] = parts;
    if (parts.length !== 1 || part === undefined || expression.length > unit || part.field.length > unit) {
      this.refuse('arithmetic over several words is not translated yet');
      return;
    }
    this.registers.write(expression.dest, change(part.field));
  }

  private readLookup(expression: Extract<Expression, { op: 'lookup' }>): void {
    const set = this.context.findSet(expression.set);
    if (set === undefined) {
      this.refuse('the set is not part of the ruleset');
      return;
    }
    const refused = this.context.refuseSet(set);
    if (refused !== undefined) this.refuse(refused);
    const fields = this.keyFields(expression.source, set);
    if (fields === undefined) return;
    this.tested(fields);
    if (expression.dest === 'verdict') {
      this.settle();
      this.act({ kind: 'verdict_map', parts: fields, set });
      return;
    }
    if (expression.dest === undefined) {
      this.act({ kind: 'lookup', parts: fields, set, invert: expression.invert });
      return;
    }
    this.readData(expression.dest, set, fields);
  }

  private readDynset({
    operation,
    set: id,
    key,
    data,
    timeout,
  }: Extract<Expression, { op: 'dynset' }>): void {
    const set = this.context.findSet(id);
    const refused = set ? this.context.refuseSet(set) : 'the set is not part of the ruleset';
    if (refused !== undefined) this.refuse(refused);
    if (data !== undefined) this.refuse('maps that packets fill are not translated yet');
    const fields = set && refused === undefined ? this.keyFields(key, set) : undefined;
    if (set === undefined || fields === undefined) return;
    this.tested(fields);
    this.settle();
    const milliseconds = timeout ?? set.timeout;
    const change = {
      operation,
      ...(milliseconds !== undefined && { timeout: milliseconds * 1_000_000n }),
    };
    this.act({ kind: 'change', parts: fields, set, change });
  }

  /** One field a part of the set's key; a wider load is cut into the parts it fills. */
  private keyFields(register: number, set: IrSet): Field[] | undefined {
    const fields: Field[] = [];
    const offsets = partOffsets(set);
    for (const [index, length] of partLengths(set).entries()) {
      const parts = this.parts(register + offsets[index]! / 4, length);
      if (parts === undefined) return undefined;
      if (parts.length !== 1 || parts[0]!.field.length !== length) {
        this.refuse('a key made in this way is not translated yet');
        return undefined;
      }
      fields.push(parts[0]!.field);
    }
    return fields;
  }

  private readData(register: number, set: IrSet, parts: readonly Field[]): void {
    const length = set.data?.kind === 'value' ? set.data.length : 0;
    const slot = this.takeSlots(length);
    this.act({ kind: 'lookup', parts, set, invert: false, slot });
    this.registers.write(register, fieldOf({ from: 'slot', slot, length }));
  }

  private readObject(type: number, name: string): void {
    const effect = this.objectEffect(type, name);
    if (effect !== undefined) this.effect(effect);
    else if (this.context.findObject(type, name)?.op !== 'limit')
      this.refuse(`object \`${name}\` is not translated yet: only counters, limits and quotas are`);
  }

  private objectEffect(type: number, name: string): Effect | undefined {
    const slot = type === counterObject ? this.context.namedCounter(name) : undefined;
    if (slot !== undefined) return { do: 'count', slot };
    const expression = this.context.findObject(type, name);
    const keepsState = expression?.op === 'limit' || expression?.op === 'quota';
    return keepsState ? this.stateEffect(expression, `object ${type} ${name}`) : undefined;
  }

  private readObjectMap({ source, set: id }: Extract<Expression, { op: 'objref_map' }>): void {
    const set = this.context.findSet(id);
    const refused = set ? this.context.refuseSet(set) : 'the map is not part of the ruleset';
    if (refused !== undefined) this.refuse(refused);
    const fields = set && refused === undefined ? this.keyFields(source, set) : undefined;
    if (set?.data?.kind !== 'object' || fields === undefined) return;
    const effects = new Map<string, Effect>();
    for (const name of this.context.objectNames(set.data.type)) {
      const effect = this.objectEffect(set.data.type, name);
      if (effect !== undefined) effects.set(name, effect);
      else
        this.refuse(
          `object \`${name}\` of the map is not translated yet: only counters, limits and quotas are`,
        );
    }
    this.tested(fields);
    this.settle();
    this.act({ kind: 'object_map', parts: fields, set, effects });
  }

  private readLog(expression: Extract<Expression, { op: 'log' }>): void {
    const { logStatement, target, place } = this.context;
    const withUser = (expression.flags & logUserFlag) !== 0;
    const refused = target.refuseEffect({ do: 'log', withUser }, place);
    if (refused !== undefined) this.refuse(refused);
    else if (logStatement === undefined) {
      this.refuse('`log` writes to the kernel log or to userspace, which a BPF program cannot do');
    } else if ((expression.snaplen ?? 0) > largestCapture) {
      this.refuse(`a record holds at most ${largestCapture} bytes of a packet: give a smaller \`snaplen\``);
    } else {
      this.effect({ do: 'log', ...logStatement(this.rule, expression), withUser });
    }
  }

  /** A packet that nf_tables would trace from here on: the program has a record of it and traces no further. */
  private readTrace({ source }: Extract<Expression, { op: 'meta_set' }>): void {
    const { logStatement } = this.context;
    const [part] = this.parts(source, 1) ?? [];
    if (part === undefined) return;
    const { field } = part;
    if (logStatement === undefined)
      this.refuse('`meta nftrace set` makes trace events, which a BPF program cannot do');
    else if (!isConstant(field) || numberOf(field.source.bytes) !== 1n)
      this.refuse('`meta nftrace set` is translated for the value 1 only');
    else {
      const traced = { op: 'log', flags: 0, trace: true } as const;
      this.effect({ do: 'log', ...logStatement(this.rule, traced), withUser: false });
    }
  }

  private readState(expression: Extract<Expression, { op: 'limit' | 'quota' }>, key: string): void {
    const effect = this.stateEffect(expression, key);
    if (effect !== undefined) this.effect(effect);
  }

  /** Undefined, and refused, where the state has no room. */
  private stateEffect(
    expression: Extract<Expression, { op: 'limit' | 'quota' }>,
    key: string,
  ): Effect | undefined {
    const { over } = expression;
    if (expression.op === 'quota') {
      const state = this.context.state(key, expression.consumed);
      return { do: 'quota', state, bytes: expression.bytes, over };
    }
    const limit = limitOf(expression);
    if (limit.most < largestBucket) return { do: 'limit', state: this.context.state(key, 0n), limit, over };
    this.refuse('a limit with a bucket of more than 146 years is not translated');
    return undefined;
  }

  /** Room on the stack for a value of this many bytes. */
  private takeSlots(length: number): number {
    const slot = this.slots;
    this.slots += Math.ceil(length / 8);
    if (this.slots > slotCount) this.refuse('a rule that keeps so many values is not translated');
    return slot;
  }

  private readNumber({ mode, modulus, offset, dest }: Extract<Expression, { op: 'numgen' }>): void {
    const key = `rule ${this.rule.id} ${this.index}`;
    const state = mode === 'inc' ? this.context.state(key, BigInt(modulus - 1)) : undefined;
    this.draw(dest, state, modulus, offset);
  }

  private draw(register: number, state: number | undefined, modulus: number, offset: number): void {
    const slot = this.takeSlots(4);
    this.effect({ do: 'number', state, modulus, offset, slot });
    this.registers.write(register, fieldOf({ from: 'slot', slot, length: 4 }));
  }

  private readMetaSet(expression: Extract<Expression, { op: 'meta_set' }>): void {
    const { target, place } = this.context;
    if (expression.key === 'nftrace') {
      this.readTrace(expression);
      return;
    }
    const refused = target.refuseEffect({ do: 'set_meta', key: expression.key }, place);
    if (refused !== undefined) {
      this.refuse(refused);
      return;
    }
    const parts = this.parts(expression.source, expression.key === 'pkttype' ? 1 : 4);
    const [part] = parts ?? [];
    if (part === undefined) return;
    if (parts!.length !== 1) {
      this.refuse('a value made of several fields is not translated yet');
      return;
    }
    this.tested([part.field]);
    this.act({ kind: 'present', fields: [part.field] });
    this.effect({ do: 'set_meta', key: expression.key, value: part.field });
    this.registers.forget(field => field.source.from === 'meta' && field.source.key === expression.key);
  }
}

/** The test of each part; undefined if the constant has a bit where the padding is zero. */
function partTests(
  parts: readonly Part[],
  bytes: Uint8Array,
): { field: Field; values: Range[] }[] | undefined {
  const tests: { field: Field; values: Range[] }[] = [];
  let at = 0;
  for (const { field, padded } of parts) {
    const end = at + field.length;
    if (bytes.subarray(end, at + padded).some(byte => byte !== 0)) return undefined;
    const value = numberOf(bytes.subarray(at, end));
    tests.push({ field, values: [{ low: value, high: value }] });
    at += padded;
  }
  return tests;
}

export interface ReadRule {
  readonly actions: readonly Action[];
  readonly refusals: readonly Diagnostic[];
}

export function readRule(rule: IrRule, context: RuleContext): ReadRule {
  const reader = new RuleReader(rule, context);
  reader.run();
  return { actions: reader.actions, refusals: reader.refusals };
}
