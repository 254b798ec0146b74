// The remainder as its author wrote it: the whole text, and commands behind it that take away what moves. nft runs both as one
// transaction, so that what moves is never in force. This is for what nft itself cannot read back from its own listing.

import { type IrChain, type IrRuleset, type IrTable, SetFlag } from '../linear/ir.ts';

/** `whole` is the ruleset of `text`, `staying` what is to be left of it. */
export function asWritten(text: string, whole: IrRuleset, staying: IrRuleset): string {
  const commands = whole.tables.flatMap(table => {
    const left = staying.tables.find(({ family, name }) => family === table.family && name === table.name);
    return left === undefined ? [`delete table ${table.family} ${table.name}`] : removals(table, left);
  });
  return [text.trimEnd(), ...commands, ''].join('\n');
}

/** Rules first, since they name the rest; then sets, whose elements name chains and objects. */
function removals(table: IrTable, left: IrTable): readonly string[] {
  const command = (verb: string, kind: string, name: string): string =>
    `${verb} ${kind} ${table.family} ${table.name} ${name}`;
  const gone = <Thing extends { readonly name: string }>(
    all: readonly Thing[],
    kept: readonly Thing[],
  ): readonly Thing[] => all.filter(({ name }) => !kept.some(other => other.name === name));
  const chains = gone(table.chains, left.chains).filter(isNamedChain);
  const sets = gone(table.sets, left.sets).filter(({ flags }) => (flags & SetFlag.anonymous) === 0);
  return [
    ...chains.map(({ name }) => command('flush', 'chain', name)),
    ...sets.map(({ name, data }) => command('delete', data === undefined ? 'set' : 'map', name)),
    ...chains.map(({ name }) => command('delete', 'chain', name)),
    ...gone(table.objects, left.objects).map(({ kind, name }) => command('delete', kind, name)),
  ];
}

function isNamedChain({ anonymous }: IrChain): boolean {
  return anonymous !== true;
}
