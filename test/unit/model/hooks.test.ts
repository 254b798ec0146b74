// Which base chains exist, against what the reference and the kernel accept.

import { describe, expect, it } from 'vitest';
import { type Family, familyNumber, type Hook } from '../../../src/model/family.ts';
import {
  type ChainType,
  hookNumbers,
  hooksOf,
  lastPriorityBeforeNat,
  priorityByName,
  priorityNames,
  takesDevices,
} from '../../../src/model/hooks.ts';
import { checkWithNft } from '../../support/nft.ts';
import { isMissing } from '../../support/requirements.ts';

const families = Object.keys(familyNumber) as Family[];
const types: readonly ChainType[] = ['filter', 'nat', 'route'];
const hooks: readonly Hook[] = [
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
  'ingress',
  'egress',
];
const names = ['raw', 'mangle', 'dstnat', 'filter', 'security', 'srcnat', 'out'];

function accepts(family: Family, type: ChainType, hook: Hook, priority: string, device: boolean): boolean {
  const on = device ? ' device lo' : '';
  return checkWithNft(
    `table ${family} t { chain c { type ${type} hook ${hook}${on} priority ${priority}; }; }\n`,
  ).ok;
}

describe.skipIf(isMissing('root', 'nft'))('base chains', () => {
  it.each(families)('types and hooks of %s', family => {
    for (const type of types) {
      const accepted = hooks.filter(hook => accepts(family, type, hook, '7', takesDevices(hook)));
      expect(accepted, type).toEqual(hooks.filter(hook => hooksOf(family, type).includes(hook)));
    }
  });

  it.each(families)('devices of %s', family => {
    for (const hook of hooksOf(family, 'filter')) {
      expect(accepts(family, 'filter', hook, '0', true), hook).toBe(takesDevices(hook));
      expect(accepts(family, 'filter', hook, '0', false), hook).toBe(true);
    }
  });

  it.each(families)('priority names of %s', family => {
    for (const hook of hooksOf(family, 'filter')) {
      const accepted = names.filter(name => accepts(family, 'filter', hook, name, takesDevices(hook)));
      expect(accepted.sort(), hook).toEqual([...priorityNames(family, hook)].sort());
    }
  });

  it('priorities by number', () => {
    // `nft -c` does not print them; a chain that gives the number twice must be the same chain.
    for (const family of families) {
      for (const hook of hooksOf(family, 'filter')) {
        const device = takesDevices(hook) ? ' device lo' : '';
        const declare = (priority: string | number): string =>
          `add chain ${family} t c { type filter hook ${hook}${device} priority ${priority}; }`;
        const same = priorityNames(family, hook).map(name => [
          `${declare(name)}\n${declare(priorityByName(family, hook, name)!)}\n`,
          `${declare(name)}\n${declare(priorityByName(family, hook, name)! + 1)}\n`,
        ]);
        for (const [equal, other] of same) {
          expect(checkWithNft(`add table ${family} t\n${equal}`).ok, equal).toBe(true);
          expect(checkWithNft(`add table ${family} t\n${other}`).ok, other).toBe(false);
        }
      }
    }
  });

  it('priorities of NAT', () => {
    expect(accepts('ip', 'nat', 'prerouting', String(lastPriorityBeforeNat), false)).toBe(false);
    expect(accepts('ip', 'nat', 'prerouting', String(lastPriorityBeforeNat + 1), false)).toBe(true);
  });

  it('numbers every hook', () => {
    for (const family of families) {
      expect(Object.keys(hookNumbers[family])).toEqual([...hooksOf(family, 'filter')]);
    }
  });
});
