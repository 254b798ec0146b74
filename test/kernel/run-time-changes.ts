// Scenarios whose sets change after the ruleset is loaded: elements of a drawn ruleset are left out at first and added
// then, or taken away again, by nft and by updates of the maps.

import type { BpfMap } from '../../src/lower/program.ts';
import { encodeElement } from '../../src/runtime/encode.ts';
import { applyUpdates, type MapUpdate } from '../../src/runtime/updates.ts';
import { Random } from '../support/random.ts';
import type { Scenario } from '../support/scenario.ts';
import { interfacesOf, translator } from './judges/translation.ts';

interface Command {
  readonly verb: 'add' | 'delete';
  /** `FAMILY TABLE SET`. */
  readonly set: string;
  readonly elements: string;
}

/** What becomes of a scenario's sets before the first packet. */
export interface Changes {
  /** For nft, each in a run of its own; it must take just those that our encoder took. */
  readonly commands: readonly { readonly text: string; readonly taken: boolean }[];
  readonly updates: readonly MapUpdate[];
}

const declaration = /^( {2}(?:set|map) (\w+) \{ [^{]*)elements = \{ ([^}]*) \}( \}.*)$/;

/** Leaves elements out of the declarations; the commands put them there, and take others away. */
function reduced(
  ruleset: string,
  random: Random,
): { readonly text: string; readonly commands: readonly Command[] } {
  const commands: Command[] = [];
  let table = '';
  const lines = ruleset.split('\n').map(line => {
    table = /^table (\w+ \w+)/.exec(line)?.[1] ?? table;
    const found = declaration.exec(line);
    if (found === null) return line;
    const [, head = '', name = '', list = '', tail = ''] = found;
    const set = `${table} ${name}`;
    const first = list.split(', ').filter(element => {
      const fate = random.below(3);
      if (fate === 0) commands.push({ verb: 'add', set, elements: element });
      if (fate === 1) commands.push({ verb: 'delete', set, elements: element });
      return fate !== 0;
    });
    return first.length === 0 ? `${head}${tail}` : `${head}elements = { ${first.join(', ')} }${tail}`;
  });
  return { text: lines.join('\n'), commands: shuffled(commands, random) };
}

function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  return list
    .map(item => ({ item, place: random.below(1 << 30) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

const setOf = ({ role }: BpfMap): string =>
  role.kind === 'set' ? `${role.family} ${role.table} ${role.set}` : '';

/** A map that jumps knows only the chains that it named when it was translated. */
const ownLimits: ReadonlySet<string> = new Set(['unknown-chain']);

function encodeAll(scenario: Scenario, commands: readonly Command[]): Changes | undefined {
  const translated = translator('auto', true)(scenario);
  if ('refused' in translated) return undefined;
  const maps = new Map(translated.maps.map(map => [setOf(map), map]));
  const given: Changes['commands'][number][] = [];
  const updates: MapUpdate[] = [];
  for (const { verb, set, elements } of commands) {
    const map = maps.get(set);
    if (map === undefined) continue;
    const encoding = encodeElement(map, elements, { verb, names: { interfaces: interfacesOf(scenario) } });
    if (!encoding.ok && ownLimits.has(encoding.diagnostics[0]!.code)) continue;
    given.push({ text: `${verb} element ${set} { ${elements} }`, taken: encoding.ok });
    if (!encoding.ok) continue;
    maps.set(set, encoding.map);
    updates.push(...encoding.updates);
  }
  return { commands: given, updates };
}

/** What is logged says nothing about sets, and is compared elsewhere. */
const logStatement = /log prefix "\d+" group \d+ snaplen \d+ /g;

export interface ChangedScenario extends Scenario {
  readonly changes: Changes;
}

/** The scenario with some of its elements at run time; without changes where the ruleset is refused. */
export function withChanges(drawn: Scenario, seed: number): ChangedScenario {
  const { text, commands } = reduced(drawn.ruleset.replace(logStatement, ''), new Random(seed));
  const scenario = { ...drawn, ruleset: text };
  const changes = encodeAll(scenario, commands) ?? { commands: [], updates: [] };
  return { ...scenario, name: changes.commands.map(({ text: command }) => command).join('; '), changes };
}

export function changesOf(scenario: Scenario): Changes {
  return (scenario as ChangedScenario).changes;
}

/** The maps as they are after the changes. */
export function mapsAfter(scenario: Scenario, maps: readonly BpfMap[]): BpfMap[] {
  return maps.map(map => applyUpdates(map, changesOf(scenario).updates));
}
