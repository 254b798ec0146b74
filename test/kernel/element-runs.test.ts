// Sets whose elements count, have quotas or expire, on live traffic: commands and packets in turn. Our maps, which
// encodeElement updates from what was read of them, match what nf_tables matches, and decodeElements lists what nft lists.
// SEED and ELEMENT_RUNS draw others.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachTranslation, loadTranslation, type System } from '../../src/loader/index.ts';
import { decodeElements } from '../../src/runtime/decode.ts';
import { encodeElement } from '../../src/runtime/encode.ts';
import { listedElements, sorted, wholeMinutes } from '../property/runtime/listed.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { Lab } from '../support/net/lab.ts';
import { seed } from '../support/random.ts';
import { isMissing, nftPath } from '../support/requirements.ts';
import { scenario } from '../support/scenario.ts';
import { drawnRun, type ElementRun, pause, type Step } from './element-runs.ts';
import { BpfCounters, rulePlaces } from './judges/bpf-counters.ts';
import { unwrap } from './judges/bpf-live.ts';
import { translator } from './judges/translation.ts';
import { applyUpdate, dumped } from './live-maps.ts';

const runs = Number(process.env['ELEMENT_RUNS'] ?? 24);

/** What one side shows after a step: whether it took each command, packets that matched, the elements. */
interface Shown {
  /** Whether a command asked for what a map has no place for (docs/loading.md). */
  readonly isLimited?: boolean;
  readonly taken: readonly boolean[];
  readonly hits: bigint;
  readonly elements: string;
}

type Side = (step: Step) => Shown;

interface Tally {
  refused: number;
  limited: number;
  steps: number;
  commands: number;
  /** Packets that matched. */
  hits: bigint;
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function send(lab: Lab, { waits, frames }: Step): void {
  if (waits) sleep(pause);
  for (const frame of frames) lab.input.inject(frame);
}

function nfTables(lab: Lab, { ruleset }: ElementRun): Side {
  const nft = (...args: readonly string[]): string => lab.namespace.execute(nftPath, args);
  const takes = (command: string): boolean => {
    try {
      nft(command);
      return true;
    } catch {
      return false;
    }
  };
  lab.load(ruleset);
  return step => {
    const taken = step.commands.map(({ verb, elements }) =>
      takes(`${verb} element netdev t s { ${elements} }`),
    );
    send(lab, step);
    const hits = BigInt(/packets (\d+)/.exec(nft('list', 'counter', 'netdev', 't', 'hit'))![1]!);
    return { taken, hits, elements: listedElements(nft('list', 'set', 'netdev', 't', 's')) };
  };
}

/** Programs and their maps, or why there are none. `close` takes them away again. */
function ours(
  system: System,
  lab: Lab,
  { ruleset }: ElementRun,
): { readonly side: Side; readonly close: () => void } | { readonly refused: string } {
  const translated = translator('auto', true)(scenario({ ruleset, packets: [] }));
  if ('refused' in translated) return translated;
  const { programs, maps, ir } = translated;
  lab.load('');
  const loaded = unwrap(loadTranslation(system, programs, maps, kernelBtf()));
  const detach = unwrap(lab.namespace.run(() => attachTranslation(system, loaded)));
  const counters = new BpfCounters(system, maps, loaded.maps, rulePlaces(ir));
  const map = maps.find(({ role }) => role.kind === 'set')!;
  let isLimited = false;
  const takes = ({ verb, elements }: Step['commands'][number]): boolean => {
    const now = process.hrtime.bigint();
    const encoding = encodeElement(dumped(system, loaded.maps, map), elements, { verb, now });
    if (encoding.ok) for (const update of encoding.updates) applyUpdate(system, loaded.maps, update);
    else isLimited ||= encoding.diagnostics[0]!.code === 'unsupported-element';
    return encoding.ok;
  };
  const side = (step: Step): Shown => {
    const taken = step.commands.map(takes);
    if (isLimited) return { taken, hits: 0n, elements: '', isLimited };
    send(lab, step);
    const hits = counters.read().get('object netdev t hit')!.packets;
    const listed = decodeElements(dumped(system, loaded.maps, map), { now: process.hrtime.bigint() });
    if (!listed.ok) throw new Error(listed.diagnostics[0]!.message);
    return { taken, hits, elements: listed.value.join(', ') };
  };
  const close = (): void => {
    counters.close();
    detach();
    loaded.close();
  };
  return { side, close };
}

describe.skipIf(isMissing('root', 'nft'))('elements with state, commands and packets in turn', () => {
  let system: System;
  const labs: Lab[] = [];
  beforeAll(async () => {
    system = await kernel();
    labs.push(
      new Lab({ routing: 'local', endAt: 'ingress' }),
      new Lab({ routing: 'local', endAt: 'ingress' }),
    );
  });
  afterAll(() => {
    for (const lab of labs) lab.close();
  });

  it('match, count and are listed as in nf_tables', { timeout: 300_000 }, () => {
    const tally: Tally = { refused: 0, limited: 0, steps: 0, commands: 0, hits: 0n };
    for (let index = 0; index < runs; index++) {
      const run = drawnRun(seed + index);
      const mine = ours(system, labs[1]!, run);
      if ('refused' in mine) {
        tally.refused++;
        continue;
      }
      try {
        compare(nfTables(labs[0]!, run), mine.side, run, tally);
      } finally {
        mine.close();
      }
    }
    console.log(`seed ${seed}: ${runs} runs, ${JSON.stringify({ ...tally, hits: Number(tally.hits) })}`);
    expect(tally.refused + tally.limited).toBeLessThan(runs / 2);
    expect(tally.hits).toBeGreaterThan(BigInt(runs));
  });
});

/** Comparable: elements of hashes have no order, and time goes on. */
function settled({ ruleset }: ElementRun, { elements, ...shown }: Shown): Shown {
  const isHash = !ruleset.includes('interval');
  return { ...shown, elements: wholeMinutes(isHash ? sorted(elements) : elements) };
}

function compare(theirs: Side, mine: Side, run: ElementRun, tally: Tally): void {
  let before = 0n;
  let said = `seed ${seed}\n${run.ruleset}`;
  for (const step of run.steps) {
    said += step.commands.map(({ verb, elements }) => `${verb} ${elements}\n`).join('');
    const [expected, shown] = [theirs(step), mine(step)];
    if (shown.isLimited) {
      tally.limited++;
      return;
    }
    expect(settled(run, shown), said).toEqual(settled(run, expected));
    tally.steps++;
    tally.commands += step.commands.length;
    tally.hits += expected.hits - before;
    before = expected.hits;
  }
}
