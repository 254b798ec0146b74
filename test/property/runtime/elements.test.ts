// Elements that come and go at run time, against nft: the same commands are taken or refused, and what is in the map
// then is listed as nft lists it. SEED draws others.

import { describe, expect, it } from 'vitest';
import { seed } from '../../support/random.ts';
import { isMissing } from '../../support/requirements.ts';
import { drawnChanges } from './drawn-changes.ts';
import { drawnStates } from './drawn-states.ts';
import { compareAll, type Tally, told } from './steps.ts';

const sets = Number(process.env['SETS'] ?? 600);

describe.skipIf(isMissing('root', 'nft'))('elements at run time', () => {
  const agreeing = async (draw: typeof drawnChanges): Promise<Tally> => {
    const tally = await compareAll(Array.from({ length: sets }, (_, index) => draw(seed + index)));
    console.log(told(tally));
    expect(tally.wrong.slice(0, 10).join('\n----\n')).toBe('');
    expect(tally.taken).toBeGreaterThan(sets / 4);
    expect(tally.refused).toBeGreaterThan(sets / 20);
    return tally;
  };

  it('are taken, refused and listed as by nft', { timeout: 600_000 }, async () => {
    expect((await agreeing(drawnChanges)).kinds.size).toBe(9);
  });

  it('carry what they carry in nft', { timeout: 600_000 }, async () => {
    expect((await agreeing(drawnStates)).kinds.size).toBeGreaterThan(16);
  });
});
