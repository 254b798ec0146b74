// What leads from one ruleset to another: updates of maps, as long as programs stay as they are, or the programs that must
// change, and why. Programs are compared as code, so only what decides packets counts: comments, layout and contents of
// named sets change none.

import type { Translated } from '../lower/output/translated.ts';
import type { CounterSlot, Program } from '../lower/program.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { mapObstacle, planMap } from './diff-maps.ts';
import { sameBytes } from './entries.ts';
import type { MapUpdate } from './updates.ts';

/** A program that does not stay as it is. `reason` says why, with a place in the sources of the ruleset after (or, where that has none, before). */
export interface ProgramChange {
  readonly name: string;
  readonly change: 'attach' | 'replace' | 'detach';
  readonly reason: Diagnostic;
}

/** A counter of the ruleset after, and the entry that counted the same before; `before` is absent where it begins anew. */
export interface CounterMove {
  /** Names of the maps, and ordinals of the entries. */
  readonly before?: { readonly map: string; readonly slot: number };
  readonly after: { readonly map: string; readonly slot: number };
  readonly counter: CounterSlot;
}

export interface Difference {
  /** Programs that must change. If there are none, and no `remainder`, `updates` is all there is to do. */
  readonly programs: readonly ProgramChange[];
  /**
   * Updates of the maps that are in use in both rulesets, to be made in this order. Those of programs that must change come
   * with contents of their own.
   */
  readonly updates: readonly MapUpdate[];
  /** Counters that do not stay where they are. */
  readonly counters: readonly CounterMove[];
  /** With `leave: 'refused'`: what stays in nf_tables after, if that is not what stays before. nft is to load it in its place. */
  readonly remainder?: string;
  /** What is not atomic about the updates (severity `note`, or `warning` where packets may be decided as neither ruleset does). */
  readonly diagnostics: readonly Diagnostic[];
}

function reasonOf(message: string, program: Program, slot = -1): Diagnostic {
  const span = program.spans[program.origins[slot] ?? -1];
  return { code: 'program-changes', severity: 'note', message, ...(span && { span }) };
}

/** The first instruction that differs; undefined if none does. */
function firstDifference(before: Program, after: Program): number | undefined {
  const slots = Math.max(before.code.length, after.code.length) / 8;
  const at = (program: Program, slot: number): Uint8Array => program.code.subarray(slot * 8, slot * 8 + 8);
  for (let slot = 0; slot < slots; slot++) if (!sameBytes(at(before, slot), at(after, slot))) return slot;
  return undefined;
}

const relocationsOf = ({ relocations }: Program): string =>
  relocations.map(({ index, kind, name }) => `${index} ${kind} ${name}`).join('\n');

/** Why the loaded program cannot go on in the place of `after`. */
function programObstacle(before: Program, after: Program): Diagnostic | undefined {
  if (before.target !== after.target || before.section !== after.section)
    return reasonOf(`the program is for ${after.section} instead of ${before.section}`, after);
  const slot = firstDifference(before, after);
  if (slot !== undefined) return reasonOf('the rules have other code from here on', after, slot);
  if (relocationsOf(before) !== relocationsOf(after)) return reasonOf('the program uses other maps', after);
  if (JSON.stringify(before.attach) !== JSON.stringify(after.attach))
    return reasonOf('the program is attached elsewhere', after);
  if (before.requires.join() !== after.requires.join())
    return reasonOf('the program requires something else of the machine', after);
  return undefined;
}

const mapNames = ({ relocations }: Program): readonly string[] =>
  relocations.filter(({ kind }) => kind === 'map').map(({ name }) => name);

/** Maps that cannot stay, and why. */
function mapObstacles(before: Translated, after: Translated): ReadonlyMap<string, string> {
  const obstacles = new Map<string, string>();
  for (const map of after.maps) {
    const known = before.maps.find(({ name }) => name === map.name);
    const obstacle = known === undefined ? 'is new' : mapObstacle(known, map);
    if (obstacle !== undefined) obstacles.set(map.name, `map \`${map.name}\` ${obstacle}`);
  }
  return obstacles;
}

function programChanges(
  before: Translated,
  after: Translated,
  obstacles: ReadonlyMap<string, string>,
): ProgramChange[] {
  const changes: ProgramChange[] = [];
  for (const program of before.programs) {
    if (after.programs.some(({ name }) => name === program.name)) continue;
    const reason = reasonOf('the ruleset has no such program any more', program);
    changes.push({ name: program.name, change: 'detach', reason });
  }
  for (const program of after.programs) {
    const { name } = program;
    const known = before.programs.find(other => other.name === name);
    if (known === undefined) {
      changes.push({ name, change: 'attach', reason: reasonOf('the ruleset had no such program', program) });
      continue;
    }
    const map = mapNames(program).find(used => obstacles.has(used));
    const reason =
      programObstacle(known, program) ??
      (map === undefined ? undefined : reasonOf(obstacles.get(map)!, program));
    if (reason !== undefined) changes.push({ name, change: 'replace', reason });
  }
  return changes;
}

const ownerOf = ({ family, table }: CounterSlot): string => `${family} ${table}`;

function sameCounter(a: CounterSlot, b: CounterSlot): boolean {
  if (ownerOf(a) !== ownerOf(b)) return false;
  if ('object' in a || 'object' in b) return 'object' in a && 'object' in b && a.object === b.object;
  return a.rule === b.rule && a.counter === b.counter;
}

interface NamedSlot {
  readonly map: string;
  readonly slot: number;
  readonly counter: CounterSlot;
}

function slotsOf({ maps }: Translated): NamedSlot[] {
  return maps.flatMap(({ name, role }) =>
    role.kind === 'rule_counters' ? role.slots.map((counter, slot) => ({ map: name, slot, counter })) : [],
  );
}

/**
 * Where all programs stay, each slot goes on counting what it counted, whatever ordinals its rule has. Else named
 * counters are the same by name; of rules that may have moved nothing is claimed.
 */
function counterMoves(before: Translated, after: Translated, stays: boolean): CounterMove[] {
  const old = slotsOf(before);
  return slotsOf(after).flatMap(({ map, slot, counter }): CounterMove[] => {
    const place = { map, slot };
    if (stays) {
      const known = old.find(each => each.map === map && each.slot === slot);
      return known !== undefined && sameCounter(known.counter, counter)
        ? []
        : [{ before: place, after: place, counter }];
    }
    const known = 'object' in counter ? old.find(each => sameCounter(each.counter, counter)) : undefined;
    if (known === undefined) return [{ after: place, counter }];
    return [{ before: { map: known.map, slot: known.slot }, after: place, counter }];
  });
}

function remarks(updates: readonly MapUpdate[], torn: readonly string[]): Diagnostic[] {
  const notes: Diagnostic[] = torn.map(name => ({
    code: 'not-atomic',
    severity: 'warning',
    message: `map \`${name}\` has no room for the new entries beside the old ones: these are deleted first, and meanwhile a look-up may miss what is in both rulesets`,
  }));
  if (updates.length < 2) return notes;
  const message = `${updates.length} updates are made one after the other: each look-up gives the old or the new answer, but packets that make several may meet both`;
  return [...notes, { code: 'not-atomic', severity: 'note', message }];
}

/**
 * What leads from one translated ruleset to another. Both must be the result of a translation that is `ok`, with the same
 * options; of sets the contents before are taken to be those of the translation (`{ ...map, count, keys, values }` puts
 * others in).
 *
 * @example
 * ```ts
 * import { diff, translate } from 'nft2bpf';
 *
 * const edge = (elements: string, rule: string) =>
 *   translate(`table netdev edge {
 *     set blocked { type ipv4_addr; elements = { ${elements} }; }
 *     chain in { type filter hook ingress device "eth0" priority 0; ip saddr @blocked drop; ${rule}; }
 *   }
 * `);
 * const before = edge('192.0.2.1', 'tcp dport 22 drop');
 * const others = diff(before, edge('192.0.2.2', 'tcp dport 22 drop'));
 * console.log(others.programs.length, others.updates.map(({ kind }) => kind));
 * // 0 [ 'update', 'delete' ]
 * const { programs } = diff(before, edge('192.0.2.1', 'tcp dport 23 drop'));
 * console.log(programs.map(({ name, change, reason }) => `${name}: ${change}: ${reason.message}`));
 * // [ 'ingress: replace: the rules have other code from here on' ]
 * ```
 */
export function diff(before: Translated, after: Translated): Difference {
  const obstacles = mapObstacles(before, after);
  const programs = programChanges(before, after, obstacles);
  const plans = after.maps.flatMap(map => {
    const known = before.maps.find(({ name }) => name === map.name);
    return known === undefined || obstacles.has(map.name) ? [] : [{ name: map.name, ...planMap(known, map) }];
  });
  const updates = plans.flatMap(plan => plan.updates);
  const torn = plans.filter(({ atomic }) => !atomic).map(({ name }) => name);
  const { remainder = '' } = after;
  return {
    programs,
    updates,
    counters: counterMoves(before, after, programs.length === 0),
    ...(remainder !== (before.remainder ?? '') && { remainder }),
    diagnostics: remarks(updates, torn),
  };
}
