// Real rulesets cut in two: how many filter chains become programs, and that what stays is what the reference makes of the
// whole file. The kernel of the machine has to take the remainder wherever it takes the file.

import { afterAll, describe, expect, it } from 'vitest';
import type { IrChain } from '../../../src/lower/linear/ir.ts';
import { SetFlag } from '../../../src/model/set-flags.ts';
import { type TranslatedStages, translateStages } from '../../../src/translate.ts';
import { checkOnMachine, loadOnMachine } from '../../support/nft.ts';
import { isMissing } from '../../support/requirements.ts';
import { comparePrinted, corpusFiles, corpusOptions, corpusText, needsOf } from '../reference/corpus.ts';
import { type Printed, type PrintedRule, type PrintedSet, readPrinted } from '../reference/printed.ts';

/** The machine of the corpus has no files to include: a pattern finds none. */
const include = { read: (): undefined => undefined, list: (): readonly string[] => [] };

function cut(file: string): TranslatedStages {
  return translateStages(corpusText(file), { ...corpusOptions(file), include, leave: 'refused' });
}

interface Share {
  filters: number;
  moved: number;
}

/** Filter chains of a file, and those that became programs. */
function shareOf({ ir, translation }: TranslatedStages): Share {
  const covered = new Set(translation.programs.flatMap(({ covers }) => covers));
  const staying = new Set(
    translation.diagnostics.filter(({ code }) => code === 'stays').map(({ span }) => span),
  );
  const bases = ir!.tables.flatMap(({ chains }) => chains.filter(({ base }) => base?.type === 'filter'));
  const isMoved = (chain: IrChain): boolean =>
    !staying.has(chain.span) && chain.rules.every(({ id }) => covered.has(id));
  return { filters: bases.length, moved: bases.filter(isMoved).length };
}

function hasNat({ ir }: TranslatedStages): boolean {
  return ir!.tables.some(({ chains }) => chains.some(({ base }) => base?.type === 'nat'));
}

/** Of a set that is one range: its ends; listings show it as a range. */
function onlyRange(elements: readonly string[]): readonly [string, string] | undefined {
  const [zero, start, end, more] = elements.map(element => element.replace('element ', ''));
  if (more !== undefined || !/^0+ flags 1$/.test(zero ?? '') || !/ flags 1$/.test(end ?? ''))
    return undefined;
  const last = BigInt(`0x${end!.replace(' flags 1', '')}`) - 1n;
  return [`0x${start}`, `0x${last.toString(16).padStart(start!.length, '0')}`];
}

/** A rule as its listing makes it: elements in order, neighbours in a set joined, a set's own counter not said again. */
function listed({ sets, expressions }: PrintedRule): PrintedRule {
  const open = sets.map(elements => [...elements].sort());
  const kept: string[][] = [];
  const lines = expressions.map(line => {
    const lookup = /^\[ lookup (reg \d+) set __(?:set|map)%d (.*)\]$/.exec(line);
    if (lookup === null) return line.replace(/ expr \[ counter pkts 0 bytes 0 \] \]$/, ' ]');
    const elements = open.shift() ?? [];
    const range = onlyRange(elements);
    if (range === undefined) kept.push(elements);
    const operator = lookup[2] === '0x1 ' ? 'neq' : 'eq';
    return range === undefined ? line : `[ range ${operator} ${lookup[1]} ${range.join(' ')} ]`;
  });
  return { sets: [...kept, ...open], expressions: lines };
}

/** What the kernel makes of a set that packets fill and that has no size. */
function sized({ header, elements }: PrintedSet): PrintedSet {
  const isDynamic = (Number.parseInt(header, 16) & SetFlag.eval) !== 0;
  return { elements, header: isDynamic && !header.includes('size') ? `${header} size 65535` : header };
}

function asListed({ rules, sets }: Printed): Printed {
  return {
    rules: new Map([...rules].map(([key, list]) => [key, list.map(listed)])),
    sets: new Map([...sets].map(([key, set]) => [key, sized(set)])),
  };
}

/** What of a print belongs to the tables, chains and sets of another. */
function within(whole: Printed, part: Printed): Printed {
  return {
    rules: new Map([...whole.rules].filter(([key]) => part.rules.has(key))),
    sets: new Map([...whole.sets].filter(([key]) => part.sets.has(key))),
  };
}

/** The table that keeps connection tracking on is no part of the file. */
function withoutTracking({ rules, sets }: Printed): Printed {
  return { rules: new Map([...rules].filter(([key]) => !/^\S+ nft2bpf(_\d+)? /.test(key))), sets };
}

describe.skipIf(isMissing('shared', 'nft', 'root'))('real rulesets', () => {
  const beside: Share = { filters: 0, moved: 0 };
  const compared = { files: 0, rules: 0 };

  it.each(corpusFiles())('%s', file => {
    const stages = cut(file);
    const { ok, remainder, diagnostics } = stages.translation;
    expect(ok, diagnostics.map(({ message }) => message).join('\n')).toBe(true);
    const share = shareOf(stages);
    if (hasNat(stages)) {
      beside.filters += share.filters;
      beside.moved += share.moved;
    }
    const needs = needsOf(file);
    // What the kernel of the machine lacks is only checked.
    const ask = loadOnMachine(corpusText(file), needs).ok ? loadOnMachine : checkOnMachine;
    const [whole, part] = [ask(corpusText(file), needs), ask(remainder!, needs)];
    if (!whole.ok) return;
    expect(part.stderr).toBe('');
    expect(part.ok).toBe(true);
    const expected = asListed(readPrinted(whole.stdout));
    const actual = withoutTracking(asListed(readPrinted(part.stdout)));
    expect(comparePrinted(within(expected, actual), actual)).toEqual([]);
    compared.files++;
    for (const rules of actual.rules.values()) compared.rules += rules.length;
  });

  afterAll(() => {
    console.log(`filter chains beside nat chains: ${beside.moved} of ${beside.filters} become programs`);
    console.log(`remainders: ${compared.files} files, ${compared.rules} rules compared`);
  });

  it('at least 83 % of the filter chains beside nat chains become programs', () => {
    expect(beside.filters).toBeGreaterThan(150);
    expect(beside.moved / beside.filters).toBeGreaterThanOrEqual(0.83);
  });

  it('enough was compared', () => {
    expect(compared.files).toBeGreaterThan(100);
    expect(compared.rules).toBeGreaterThan(100);
  });
});
