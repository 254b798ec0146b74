// Translations written by hand, to try the judges and the loader without the translator: one chain `c` of a table
// `t` whose rules each have one counter.

import * as asm from '../../src/bpf-asm/index.ts';
import type { IrRuleset, RuleId } from '../../src/lower/linear/ir.ts';
import type { Attach, BpfMap, Program } from '../../src/lower/program.ts';

const { R0, R1, R2, R10 } = asm;
const empty = new Uint8Array(0);

/** The map of rule counters: rule i of chain `c` counts in slot i. */
export function counterMap(family: string, rules: number): BpfMap {
  const slots = Array.from({ length: rules }, (_, rule) => ({
    family,
    table: 't',
    packets: 0n,
    bytes: 0n,
    rule: rule as RuleId,
    counter: 0,
  }));
  return {
    name: 'counters',
    type: 'percpu_array',
    keySize: 4,
    valueSize: 16,
    maxEntries: rules,
    flags: 0,
    count: 0,
    keys: empty,
    values: empty,
    role: { kind: 'rule_counters', slots },
  };
}

/** As much of the register IR as tells where the rules stand. */
export function irOf(family: string, rules: number): IrRuleset {
  const chain = { name: 'c', rules: Array.from({ length: rules }, (_, id) => ({ id })) };
  return { tables: [{ family, name: 't', chains: [chain] }] } as unknown as IrRuleset;
}

export function assembled(attach: readonly Attach[], items: readonly asm.AssemblyItem[]): Program {
  const result = asm.assemble({ name: 'test', items });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  const { name, code, relocations, origins } = result.program;
  const target = attach[0]!.target;
  return {
    name,
    target,
    section: '',
    attach,
    spans: [],
    covers: [],
    requires: [],
    code,
    relocations,
    origins,
  };
}

/** Adds a packet and the bytes in `length` (a register that calls leave alone) to slot `rule`. */
export function countIn(rule: number, length: asm.Register): asm.AssemblyItem[] {
  const done = `counted ${rule}`;
  return [
    asm.storeImm(4, R10, -4, rule),
    asm.mov64(R2, R10),
    asm.add64(R2, -4),
    asm.loadMap(R1, 'counters'),
    asm.call(asm.helperNumber.map_lookup_elem),
    asm.jumpIf('eq', R0, 0, done),
    asm.mov64(R1, 1),
    asm.atomicAdd(8, R0, 0, R1),
    asm.atomicAdd(8, R0, 8, length),
    asm.label(done),
  ];
}

/** Leaves the program. */
export function returning(value: number): asm.AssemblyItem[] {
  return [asm.mov64(R0, value), asm.exit()];
}
