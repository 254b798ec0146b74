// The cut: which base chains of a ruleset become programs and which stay in nf_tables, so that both together decide every
// packet as the whole did. A chain stays if a target refuses it, if something that changes binds it to a chain that stays, or
// if its program would not stand where the chain stood. Each chain that stays may bind others, until nothing changes: the
// chains left then are the most that can move.

import type { Diagnostic, DiagnosticNote } from '../../source/diagnostic.ts';
import { type HookedChain, inOrderOfRegistration } from '../linear/eval/hook-order.ts';
import type { IrChain, IrRuleset } from '../linear/ir.ts';
import type { Target } from '../program.ts';
import { type Machine, readFor, withOnly } from '../reading.ts';
import { type Bond, findBonds } from './bonds.ts';
import { deviceObstacle } from './devices.ts';
import type { Obstacle } from './obstacle.ts';
import { Priorities } from './priorities.ts';

export interface CutOptions extends Machine {
  readonly target: 'auto' | Target;
}

/** Why a base chain stays: one reason, with the places that show it. */
export interface StayReason {
  readonly message: string;
  readonly notes: readonly DiagnosticNote[];
}

export interface Cut {
  /** Base chains that become programs, and the priority that each program has; for chains of devices their own. */
  readonly moves: ReadonlyMap<IrChain, number>;
  /** All other base chains, but those of dormant tables, which run nowhere. */
  readonly stays: ReadonlyMap<IrChain, StayReason>;
}

/** Cuts a ruleset. `refused` are chains that are known not to become programs, whatever their target says. */
export function cutRuleset(
  ruleset: IrRuleset,
  options: CutOptions,
  refused: ReadonlyMap<IrChain, readonly Diagnostic[]> = new Map(),
): Cut {
  const cutter = new Cutter(ruleset);
  for (const { chain } of cutter.bases) {
    const refusals = refused.get(chain) ?? refusalsOf(ruleset, chain, options);
    if (refusals.length > 0) cutter.stays.set(chain, refusedReason(refusals));
  }
  cutter.settle();
  return { moves: cutter.moves(), stays: cutter.stays };
}

/** All that stands against a base chain on its own. */
function refusalsOf(
  ruleset: IrRuleset,
  chain: IrChain,
  { target, ...machine }: CutOptions,
): readonly Diagnostic[] {
  const reading = readFor(target, withOnly(ruleset, chain), machine);
  return [...reading.chain, ...[...reading.rules.values()].flat()];
}

/** Each message once, at the first place that it was given for. */
function refusedReason(refusals: readonly Diagnostic[]): StayReason {
  const first = new Map<string, DiagnosticNote>();
  for (const { message, span } of refusals)
    if (!first.has(message)) first.set(message, { message, ...(span && { span }) });
  return { message: 'no target decides it exactly', notes: [...first.values()] };
}

class Cutter {
  readonly bases: readonly HookedChain[];
  readonly stays = new Map<IrChain, StayReason>();
  private readonly ruleset: IrRuleset;
  private readonly bonds: readonly Bond[];
  private readonly priorities: Priorities;

  constructor(ruleset: IrRuleset) {
    this.ruleset = ruleset;
    this.bases = inOrderOfRegistration(ruleset).filter(({ table }) => !table.dormant);
    this.bonds = findBonds(ruleset);
    this.priorities = new Priorities(ruleset);
  }

  settle(): void {
    for (let before = -1; before !== this.stays.size; ) {
      before = this.stays.size;
      for (const bond of this.bonds) this.applyBond(bond);
      for (const hooked of this.bases) this.applyPlace(hooked);
    }
  }

  moves(): ReadonlyMap<IrChain, number> {
    const stays = new Set(this.stays.keys());
    const moving = this.bases.filter(({ chain }) => !stays.has(chain));
    return new Map(moving.map(({ chain }) => [chain, this.priorities.priorityOf(chain, stays)]));
  }

  private applyBond(bond: Bond): void {
    const staying = [...bond.users.keys()].find(chain => this.stays.has(chain));
    if (staying === undefined && bond.unreached === undefined) return;
    for (const [chain, span] of bond.users) {
      if (this.stays.has(chain)) continue;
      this.stays.set(chain, {
        message: `${bond.what} binds it to ${staying ? `chain \`${staying.name}\`` : 'something'} that stays`,
        notes: [
          { message: `${bond.what} is used here: ${bond.why}`, span },
          { message: 'and here', span: staying ? bond.users.get(staying)! : bond.unreached! },
        ],
      });
    }
  }

  private applyPlace(hooked: HookedChain): void {
    if (this.stays.has(hooked.chain)) return;
    const obstacle = this.obstacleOf(hooked);
    if (obstacle === undefined) return;
    const { message, chain } = obstacle;
    const notes = chain ? [{ message: 'the chain in the way', span: chain.span }] : [];
    this.stays.set(hooked.chain, { message, notes });
  }

  private obstacleOf(hooked: HookedChain): Obstacle | undefined {
    const { hook } = hooked.chain.base!;
    const stays = new Set(this.stays.keys());
    if (hook === 'ingress' || hook === 'egress') return deviceObstacle(this.ruleset, hooked, stays);
    return this.priorities.obstacleOf(hooked.chain, stays);
  }
}
