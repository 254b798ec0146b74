// Differences of drawn rulesets: with other elements in named sets only, the programs stay and updates lead to the
// contents of a fresh translation, and no look-up in between gives what neither ruleset does; with other rules a program
// must change. SEED draws others.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BpfMap } from '../../../src/lower/program.ts';
import { diff } from '../../../src/runtime/diff.ts';
import { applyUpdates } from '../../../src/runtime/updates.ts';
import { type Translation, translate } from '../../../src/translate.ts';
import { Random, seed } from '../../support/random.ts';
import { ruleset } from '../arbitraries/ruleset.ts';
import { keysOf, LiveMap } from './look-up.ts';

const runs = Number(process.env['RULESETS'] ?? 60);

const places = [
  { family: 'netdev', hook: 'ingress', device: 'in0' },
  { family: 'inet', hook: 'input' },
] as const;

const text = fc.constantFrom(...places).chain(place => ruleset({ place, writes: place.family === 'netdev' }));

const interfaces = { lo: 1, in0: 2, out0: 3 };
const translated = (source: string): Translation => translate(source, { names: { interfaces } });

const declaration = /^( {2}(?:set|map) \w+ \{ [^{]*)elements = \{ ([^}]*) \}/gm;

/** Some of the elements of each named set, in another order. */
function variant(source: string, random: Random): string {
  return source.replace(declaration, (_, head: string, list: string) => {
    const kept = list
      .split(', ')
      .filter(() => !random.oneIn(3))
      .map(element => ({ element, place: random.below(1000) }))
      .sort((a, b) => (random.oneIn(2) ? 0 : a.place - b.place));
    return kept.length === 0
      ? head
      : `${head}elements = { ${kept.map(({ element }) => element).join(', ')} }`;
  });
}

/** Contents as text, whatever the order of entries. */
function contents({ keys, values, keySize, valueSize, count }: BpfMap): string {
  const entries = Array.from({ length: count }, (_, index) => {
    const key = keys.subarray(index * keySize, (index + 1) * keySize);
    return `${key.join(' ')}: ${values.subarray(index * valueSize, (index + 1) * valueSize).join(' ')}`;
  });
  return [...new Set(entries)].sort().join('\n');
}

/** Sets that programs ask: a look-up whose outcome does not matter is left out of the code. */
function setsOf({ maps, programs }: Translation): BpfMap[] {
  const used = new Set(programs.flatMap(({ relocations }) => relocations.map(({ name }) => name)));
  return maps.filter(({ name, role }) => role.kind === 'set' && used.has(name));
}

/** Each look-up gives the old answer up to some update, and the new one from then on. */
function checkWindows(before: BpfMap, after: BpfMap, difference: ReturnType<typeof diff>): number {
  const keys = [...keysOf(before), ...keysOf(after)];
  const [old, wanted, live] = [
    new LiveMap(before),
    new LiveMap({ ...after, maxEntries: before.maxEntries }),
    new LiveMap(before),
  ];
  const expected = keys.map(key => [old.answer(key), wanted.answer(key)]);
  const isNew = keys.map(() => false);
  let steps = 0;
  for (const update of difference.updates.filter(({ map }) => map === before.name)) {
    live.update(update);
    steps++;
    keys.forEach((key, index) => {
      const answer = live.answer(key);
      const [first, last] = expected[index]!;
      if (answer === last && first !== last) isNew[index] = true;
      expect(answer, `${before.name}, step ${steps}`).toBe(isNew[index] ? last : first);
    });
  }
  keys.forEach((key, index) => {
    expect(live.answer(key)).toBe(expected[index]![1]);
  });
  return steps;
}

describe('differences of drawn rulesets', () => {
  it('in elements are updates of maps', { timeout: 300_000 }, () => {
    let [compared, updates, jumps] = [0, 0, 0];
    fc.assert(
      fc.property(text, source => {
        const random = new Random(seed);
        const [before, after] = [translated(variant(source, random)), translated(variant(source, random))];
        if (!before.ok || !after.ok) return;
        const difference = diff(before, after);
        if (difference.programs.length > 0) {
          // Only other chains in a verdict map can do that.
          const chains = (translation: Translation): string =>
            JSON.stringify(translation.maps.map(({ role }) => (role.kind === 'set' ? role.data : undefined)));
          expect(chains(before)).not.toBe(chains(after));
          jumps++;
          return;
        }
        compared++;
        expect(difference.diagnostics.filter(({ severity }) => severity !== 'note')).toEqual([]);
        for (const map of setsOf(after)) {
          const known = before.maps.find(({ name }) => name === map.name)!;
          expect(contents(applyUpdates(known, difference.updates))).toBe(contents(map));
          updates += checkWindows(known, map, difference);
        }
      }),
      { numRuns: runs, seed },
    );
    console.log(`seed ${seed}: ${compared} pairs, ${updates} updates; ${jumps} pairs with other chains`);
    expect(compared).toBeGreaterThan(runs / 2);
    expect(updates).toBeGreaterThan(runs);
  });

  it('in rules are programs that must change', { timeout: 300_000 }, () => {
    let compared = 0;
    fc.assert(
      fc.property(text, source => {
        const more = source.replace(
          /^( {4}type filter .*)$/m,
          '$1\n    meta length 77 meta l4proto 99 counter drop',
        );
        const [before, after] = [translated(source), translated(more)];
        if (!before.ok || !after.ok) return;
        compared++;
        const { programs } = diff(before, after);
        expect(programs.length).toBeGreaterThan(0);
        for (const { name, change, reason } of programs) {
          expect(change).toBe('replace');
          expect(after.programs.map(program => program.name)).toContain(name);
          expect(reason.message).not.toBe('');
        }
        expect(diff(before, translated(`# a comment\n${source}`))).toMatchObject({
          programs: [],
          updates: [],
          counters: [],
          diagnostics: [],
        });
      }),
      { numRuns: Math.ceil(runs / 3), seed },
    );
    expect(compared).toBeGreaterThan(runs / 6);
  });
});
