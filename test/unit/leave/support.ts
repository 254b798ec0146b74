// Rulesets cut in two, by their text.

import { type Cut, cutRuleset } from '../../../src/lower/leave/cut.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import { translateStages } from '../../../src/translate.ts';

export interface CutText {
  readonly ir: IrRuleset;
  readonly cut: Cut;
  /** `TABLE CHAIN` of the base chains that move, with the priority of their programs. */
  readonly moves: Readonly<Record<string, number>>;
  /** Why the others stay. */
  readonly stays: Readonly<Record<string, string>>;
}

export function cutText(text: string): CutText {
  const { ir, translation } = translateStages(text, { names: { interfaces: { eth0: 2, eth1: 3 } } });
  if (ir === undefined) throw new Error(translation.diagnostics.map(({ message }) => message).join('\n'));
  const cut = cutRuleset(ir, { target: 'auto', kernel: [6, 18], log: 'ring-buffer' });
  const named = ir.tables.flatMap(({ name, chains }) =>
    chains.map(chain => ({ chain, key: `${name} ${chain.name}` })),
  );
  const moves = named.flatMap(({ chain, key }) => {
    const priority = cut.moves.get(chain);
    return priority === undefined ? [] : [[key, priority] as const];
  });
  const stays = named.flatMap(({ chain, key }) => {
    const reason = cut.stays.get(chain);
    return reason === undefined ? [] : [[key, reason.message] as const];
  });
  return { ir, cut, moves: Object.fromEntries(moves), stays: Object.fromEntries(stays) };
}
