// Hooks of devices: BPF programs stand outside of nf_tables' order there. XDP and tc come before all chains at ingress, tc
// behind all chains at egress, so what moves must be the first chains of a device, or the last ones.

import type { Hook } from '../../model/family.ts';
import { chainsAt, type HookedChain } from '../linear/eval/hook-order.ts';
import type { IrChain, IrRuleset } from '../linear/ir.ts';
import type { Obstacle } from './obstacle.ts';

/** Why the chain's program would run out of turn; undefined if it would not. */
export function deviceObstacle(
  ruleset: IrRuleset,
  { chain }: HookedChain,
  stays: ReadonlySet<IrChain>,
): Obstacle | undefined {
  const { hook, devices, priority, offload } = chain.base!;
  if (offload === true) return { message: 'the device is asked to run it itself (`flags offload`)' };
  if (devices.length === 0) return { message: 'it names no device, so there is no place for a program' };
  for (const device of devices) {
    const order = chainsAt(ruleset, { list: 'netdev', hook, device });
    const own = order.findIndex(hooked => hooked.chain === chain);
    const passed = hook === 'ingress' ? order.slice(0, own) : order.slice(own + 1);
    const left = passed.find(other => stays.has(other.chain))?.chain;
    if (left !== undefined) return outOfTurn(hook, device, left);
    const flowtable = flowtableInFront(ruleset, hook, device, priority);
    if (flowtable !== undefined)
      return { message: `flowtable \`${flowtable}\` takes packets of ${device} away in front of it` };
  }
  return undefined;
}

function outOfTurn(hook: Hook, device: string, left: IrChain): Obstacle {
  const [place, turn] =
    hook === 'ingress' ? ['before all chains', 'in front of it'] : ['behind all chains', 'behind it'];
  const message = `programs at ${hook} of ${device} run ${place} in nf_tables, and chain \`${left.name}\`, which runs ${turn}, stays`;
  return { message, chain: left };
}

/** The flowtable whose packets the chain never sees; programs come before it. Of equal priorities either may be first. */
function flowtableInFront(
  ruleset: IrRuleset,
  hook: Hook,
  device: string,
  priority: number,
): string | undefined {
  if (hook !== 'ingress') return undefined;
  const flowtables = ruleset.tables.flatMap(table => table.flowtables ?? []);
  return flowtables.find(each => each.priority <= priority && each.devices.includes(device))?.name;
}
