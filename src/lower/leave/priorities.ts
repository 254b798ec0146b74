// Netfilter hooks: a program has its chain's own priority, which has to be free of what stays (the kernel answers EBUSY
// otherwise). Where it is not, the next number does as well if nothing stands there: the one below for chains that run in
// front of what stays, the one above for those behind it. A chain between two that stay has no place.

import type { Hook } from '../../model/family.ts';
import { refusePriority } from '../hooks/plan.ts';
import type { IrChain, IrRuleset } from '../linear/ir.ts';
import type { Obstacle } from './obstacle.ts';
import { type Occupant, occupantsAt } from './occupants.ts';

type Stays = ReadonlySet<IrChain>;

/** By how much a program's priority differs from its chain's, or that there is no place for it. */
type Step = -1 | 0 | 1 | 'none';

const inetHooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

export class Priorities {
  /** The hooks' lists that each chain stands in: one for each protocol. */
  private readonly lists = new Map<IrChain, (readonly Occupant[])[]>();

  constructor(ruleset: IrRuleset) {
    for (const hook of inetHooks) {
      for (const list of ['ip', 'ip6'] as const) {
        const occupants = occupantsAt(ruleset, list, hook);
        for (const { chain } of occupants)
          if (chain) this.lists.set(chain, [...(this.lists.get(chain) ?? []), occupants]);
      }
    }
  }

  /** Why there is no place for the chain's program beside what stays; undefined if there is one. */
  obstacleOf(chain: IrChain, stays: Stays): Obstacle | undefined {
    const { hook, priority } = chain.base!;
    const step = this.stepOf(chain, stays);
    if (step === 0) return undefined;
    if (step === 'none') return this.sharedWith(chain, stays);
    const refused = refusePriority(hook, priority + step);
    if (refused !== undefined) return { message: `what stays has its priority, ${priority}, and ${refused}` };
    for (const list of this.listsOf(chain)) {
      const neighbour = list.find(occupant => occupant.priority === priority + step);
      if (neighbour) return takenBy(neighbour, priority, step);
      if (!this.keepsOrder(chain, list, step, stays)) return this.sharedWith(chain, stays);
    }
    return undefined;
  }

  /** The priority of the chain's program, if it has a place. */
  priorityOf(chain: IrChain, stays: Stays): number {
    const step = this.stepOf(chain, stays);
    return chain.base!.priority + (step === 'none' ? 0 : step);
  }

  private listsOf(chain: IrChain): readonly (readonly Occupant[])[] {
    return this.lists.get(chain) ?? [];
  }

  private stepOf(chain: IrChain, stays: Stays): Step {
    let step: Step = 0;
    for (const list of this.listsOf(chain)) {
      const { front, back } = around(chain, list);
      const [isBehind, isBefore] = [front, back].map(peers => peers.some(peer => isStaying(peer, stays)));
      if (!isBehind && !isBefore) continue;
      const wanted: Step = isBehind ? 1 : -1;
      if ((isBehind && isBefore) || step === -wanted) return 'none';
      step = wanted;
    }
    return step;
  }

  /** Whoever runs on that side of the chain has to move along, and nobody may come from the other side. */
  private keepsOrder(chain: IrChain, list: readonly Occupant[], step: -1 | 1, stays: Stays): boolean {
    const { front, back } = around(chain, list);
    const passed = step === -1 ? front : back;
    const opposite = list.filter(({ priority }) => priority === chain.base!.priority + 2 * step);
    return (
      passed.every(peer => peer.chain !== undefined && this.stepOf(peer.chain, stays) === step) &&
      opposite.every(other => other.chain === undefined || this.stepOf(other.chain, stays) !== -step)
    );
  }

  private sharedWith(chain: IrChain, stays: Stays): Obstacle {
    const peers = this.listsOf(chain).flatMap(list => {
      const { front, back } = around(chain, list);
      return [...front, ...back];
    });
    const peer = peers.find(candidate => isStaying(candidate, stays));
    const what = peer === undefined ? 'what stays' : nameOf(peer);
    const message = `it runs at the priority of ${what}, ${chain.base!.priority}, and no neighbouring one keeps the order`;
    return { message, ...(peer?.chain && { chain: peer.chain }) };
  }
}

/** What runs at the chain's priority in front of it and behind it. */
function around(chain: IrChain, list: readonly Occupant[]): { front: Occupant[]; back: Occupant[] } {
  const peers = list.filter(({ priority }) => priority === chain.base!.priority);
  const own = peers.findIndex(peer => peer.chain === chain);
  return { front: peers.slice(0, own), back: peers.slice(own + 1) };
}

function isStaying({ chain }: Occupant, stays: Stays): boolean {
  return chain === undefined || stays.has(chain);
}

function nameOf({ chain }: Occupant): string {
  return chain === undefined ? 'address translation' : `chain \`${chain.name}\``;
}

function takenBy(occupant: Occupant, priority: number, step: -1 | 1): Obstacle {
  const message = `what stays has its priority, ${priority}, and the next one, ${priority + step}, is that of ${nameOf(occupant)}`;
  return { message, ...(occupant.chain && { chain: occupant.chain }) };
}
