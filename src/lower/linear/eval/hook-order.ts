// Which base chains stand at a hook, and in which order they run: `nf_hook_entries_grow` (core.c). Fact 27.

import type { Family, Hook } from '../../../model/family.ts';
import type { IrChain, IrRuleset, IrTable } from '../ir.ts';
import type { HookList } from './packet-info.ts';

/** A place where packets meet nf_tables. Ingress and egress are those of one device. */
export interface HookPoint {
  readonly list: HookList;
  readonly hook: Hook;
  readonly device?: string;
}

export interface HookedChain {
  readonly table: IrTable;
  readonly chain: IrChain;
}

/** The lists a family's chains are registered in: inet stands in those of ip and ip6, and at ingress in a device's. */
function isInList(family: Family, { list, hook }: HookPoint): boolean {
  if (family !== 'inet') return family === list;
  return hook === 'ingress' ? list === 'netdev' : list === 'ip' || list === 'ip6';
}

export function isHookedAt(table: IrTable, chain: IrChain, point: HookPoint): boolean {
  const { base } = chain;
  if (!base || table.dormant || base.hook !== point.hook || !isInList(table.family, point)) return false;
  const isOnDevice = base.hook === 'ingress' || base.hook === 'egress';
  const { device } = point;
  return !isOnDevice || (device !== undefined && base.devices.some(name => isNameOf(name, device)));
}

/** A name, or a pattern: its beginning and `*`. */
function isNameOf(name: string, device: string): boolean {
  return name === device || (name.endsWith('*') && device.startsWith(name.slice(0, -1)));
}

/** All base chains in the order they were registered: by their ranks, if they have them, else as they are listed. */
export function inOrderOfRegistration(ruleset: IrRuleset): readonly HookedChain[] {
  return ruleset.tables
    .flatMap(table => table.chains.map(chain => ({ table, chain })))
    .filter(({ chain }) => chain.base !== undefined)
    .map((hooked, index) => ({ hooked, rank: hooked.chain.base?.registered ?? index }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ hooked }) => hooked);
}

/** Ascending priority; of equal ones, the chain registered later runs first. */
export function chainsAt(ruleset: IrRuleset, point: HookPoint): readonly HookedChain[] {
  return inOrderOfRegistration(ruleset)
    .filter(({ table, chain }) => isHookedAt(table, chain, point))
    .reverse()
    .sort((a, b) => a.chain.base!.priority - b.chain.base!.priority);
}
