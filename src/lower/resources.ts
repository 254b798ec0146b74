// What the programs of a ruleset share: maps of sets, and one per-CPU array of counters.

import { clockValueSize } from '../model/clock.ts';
import { recordSize, usualCapture, usualLevel } from '../model/log-record.ts';
import type { SharedResources } from './flow/reader.ts';
import type { RecordedExpression } from './flow/symbolic.ts';
import {
  type IrRule,
  type IrRuleset,
  type IrSet,
  type IrTable,
  type RuleId,
  SetFlag,
  type SetId,
} from './linear/ir.ts';
import type { BpfMap, CounterSlot, LoggedStatement } from './program.ts';
import { dynsetsOf, type ElementForm, elementForm, type FormRefusal } from './sets/element-form.ts';
import { layOutSet, refuseSet, type SetLayout } from './sets/layout.ts';

/** Packets and bytes, 8 bytes each. */
const counterSize = 16;
const longestName = 15;
/** NFT_OBJECT_COUNTER. */
const counterObject = 1;

export class Resources implements SharedResources {
  readonly countersName = 'rule_counters';
  readonly stateName = 'rule_state';
  readonly logName = 'rule_log';
  readonly lossesName = 'rule_log_lost';
  readonly clockName = 'rule_clock';
  /** Some program reads the clock. */
  usesClock = false;
  private readonly sets = new Map<SetId, { readonly set: IrSet; readonly table: IrTable }>();
  private readonly forms = new Map<IrSet, ElementForm | FormRefusal | undefined>();
  private readonly dynsets: ReturnType<typeof dynsetsOf>;
  private readonly layouts = new Map<IrSet, SetLayout>();
  private readonly names = new Set<string>([
    this.countersName,
    this.stateName,
    this.logName,
    this.lossesName,
    this.clockName,
  ]);
  private readonly slots: CounterSlot[] = [];
  private readonly ruleSlots = new Map<RuleId, number[]>();
  private readonly logged: LoggedStatement[] = [];
  private readonly loggedByRule = new Map<string, number>();
  private readonly states = new Map<string, number>();
  private readonly initials: bigint[] = [];
  private readonly objectSlots = new Map<IrTable, Map<string, number>>();

  constructor(ruleset: IrRuleset) {
    this.dynsets = dynsetsOf(ruleset);
    for (const table of ruleset.tables) for (const set of table.sets) this.sets.set(set.id, { set, table });
  }

  readonly findSet = (id: SetId): IrSet | undefined => this.sets.get(id)?.set;

  readonly ruleCounter = (
    table: IrTable,
    rule: IrRule,
    counter: number,
    packets: bigint,
    bytes: bigint,
  ): number => {
    const known = this.ruleSlots.get(rule.id) ?? [];
    this.ruleSlots.set(rule.id, known);
    known[counter] ??=
      this.slots.push({ family: table.family, table: table.name, packets, bytes, rule: rule.id, counter }) -
      1;
    return known[counter];
  };

  readonly logStatement: SharedResources['logStatement'] = (table, chain, rule, ordinal, expression) => {
    const key = `${rule.id} ${expression.trace ? 'trace ' : ''}${ordinal}`;
    const place = { family: table.family, table: table.name, chain: chain.name };
    const statement =
      this.loggedByRule.get(key) ??
      this.logged.push({ ...place, rule: rule.id, statement: ordinal, ...settingsOf(expression) }) - 1;
    this.loggedByRule.set(key, statement);
    return { statement, capture: this.logged[statement]!.capture };
  };

  readonly state = (key: string, initial: bigint): number => {
    const known = this.states.get(key);
    const place = known ?? this.initials.push(initial) - 1;
    this.states.set(key, place);
    return place;
  };

  readonly namedCounter = (table: IrTable, name: string): number | undefined => {
    const object = table.objects.find(
      candidate => candidate.name === name && candidate.type === counterObject,
    );
    if (object === undefined) return undefined;
    const known = this.objectSlots.get(table) ?? new Map<string, number>();
    this.objectSlots.set(table, known);
    const { packets, bytes } =
      object.expression?.op === 'counter' ? object.expression : { packets: 0n, bytes: 0n };
    const slot =
      known.get(name) ??
      this.slots.push({ family: table.family, table: table.name, packets, bytes, object: name }) - 1;
    known.set(name, slot);
    return slot;
  };

  readonly refuseSet = (set: IrSet): string | undefined => refuseSet(set, this.formOf(set));

  /** Whether elements of a set may expire. */
  expires(set: IrSet): boolean {
    const layout = this.layoutOf(set);
    return layout.kind === 'map' && layout.form?.expires === true;
  }

  private formOf(set: IrSet): ElementForm | FormRefusal | undefined {
    if (!this.forms.has(set)) this.forms.set(set, elementForm(set, this.dynsets.get(set.id) ?? []));
    return this.forms.get(set);
  }

  layoutOf(set: IrSet): SetLayout {
    const known = this.layouts.get(set);
    if (known !== undefined) return known;
    const { table } = this.sets.get(set.id)!;
    const owner = { family: table.family, table: table.name };
    const form = this.formOf(set);
    const kept = form === undefined || 'refused' in form ? undefined : form;
    const layout = layOutSet(set, owner, () => this.mapName(set), {
      ...(kept && { form: kept }),
      ...(set.data?.kind === 'object' && { objects: objectNames(table, set.data.type) }),
    });
    this.layouts.set(set, layout);
    return layout;
  }

  /**
   * A map is named after its set: what the kernel does not take becomes `_`, at most 15 characters, and a number at the
   * end where that is taken already. Anonymous sets are `anonymous`.
   */
  private mapName(set: IrSet): string {
    const isAnonymous = (set.flags & SetFlag.anonymous) !== 0;
    const base = (isAnonymous ? 'anonymous' : set.name).replace(/[^A-Za-z0-9_]/g, '_').slice(0, longestName);
    let name = base;
    for (let number = 2; this.names.has(name); number++) {
      const suffix = `_${number}`;
      name = base.slice(0, longestName - suffix.length) + suffix;
    }
    this.names.add(name);
    return name;
  }

  maps(): BpfMap[] {
    const maps: BpfMap[] = [];
    for (const layout of this.layouts.values()) if (layout.kind === 'map') maps.push(layout.map);
    if (this.slots.length > 0) maps.push(this.counters());
    if (this.initials.length > 0) maps.push(this.stateMap());
    if (this.usesClock) maps.push(clockMap(this.clockName));
    if (this.logged.length > 0) maps.push(...logMaps(this.logName, this.lossesName, this.logged));
    return maps;
  }

  /** One entry: 8 bytes for each limit, quota and count. A program has the address of each without a look-up. */
  private stateMap(): BpfMap {
    const values = new Uint8Array(this.initials.length * 8);
    const view = new DataView(values.buffer);
    this.initials.forEach((value, index) => {
      view.setBigUint64(index * 8, value, true);
    });
    return {
      name: this.stateName,
      type: 'array',
      keySize: 4,
      valueSize: values.length,
      maxEntries: 1,
      flags: 0,
      count: 1,
      keys: new Uint8Array(4),
      values,
      role: { kind: 'private', use: 'state of limits, quotas and number generators' },
    };
  }

  private counters(): BpfMap {
    return {
      name: this.countersName,
      type: 'percpu_array',
      keySize: 4,
      valueSize: counterSize,
      maxEntries: this.slots.length,
      flags: 0,
      count: 0,
      keys: new Uint8Array(0),
      values: new Uint8Array(0),
      role: { kind: 'rule_counters', slots: this.slots },
    };
  }
}

/** What a statement says, and what its records hold. */
function settingsOf(
  expression: RecordedExpression,
): Omit<LoggedStatement, 'family' | 'table' | 'chain' | 'rule' | 'statement'> {
  const { op: _, ...settings } = expression;
  if (settings.trace) return { trace: true, flags: 0, capture: usualCapture };
  const level = settings.group === undefined ? { level: settings.level ?? usualLevel } : {};
  return { ...settings, ...level, capture: settings.snaplen || usualCapture };
}

/** Bytes of a ring buffer: a power of two, and room for some records of the largest kind. */
const smallestRing = 1 << 18;
const largestRecords = 16;

function ringSize(statements: readonly LoggedStatement[]): number {
  const largest = Math.max(...statements.map(({ capture }) => recordSize(capture)));
  let size = smallestRing;
  while (size < largest * largestRecords) size *= 2;
  return size;
}

function logMaps(name: string, losses: string, statements: readonly LoggedStatement[]): BpfMap[] {
  const empty = { flags: 0, count: 0, keys: new Uint8Array(0), values: new Uint8Array(0) } as const;
  const ring = { name, type: 'ringbuf', keySize: 0, valueSize: 0, maxEntries: ringSize(statements) } as const;
  const lost = {
    name: losses,
    type: 'percpu_array',
    keySize: 4,
    valueSize: 8,
    maxEntries: statements.length,
  } as const;
  return [
    { ...ring, ...empty, role: { kind: 'log', statements } },
    { ...lost, ...empty, role: { kind: 'log_losses', statements: statements.length } },
  ];
}

/** One entry, addressed directly; zeros stand for a machine whose TAI offset was never set. */
function clockMap(name: string): BpfMap {
  return {
    name,
    type: 'array',
    keySize: 4,
    valueSize: clockValueSize,
    maxEntries: 1,
    flags: 0,
    count: 1,
    keys: new Uint8Array(4),
    values: new Uint8Array(clockValueSize),
    role: { kind: 'clock' },
  };
}

/** What the values of a map to objects number: those of a type, in an order that does not depend on their declarations. */
export function objectNames({ objects }: IrTable, type: number): readonly string[] {
  return objects
    .filter(object => object.type === type)
    .map(({ name }) => name)
    .sort();
}
