// Expired elements leave a map when they are collected, and no others.

import { describe, expect, it } from 'vitest';
import { collectExpired, loadTranslation, testRun } from '../../src/loader/index.ts';
import { translate } from '../../src/translate.ts';
import { fromHex } from '../model/bytes.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { isMissing } from '../support/requirements.ts';
import { unwrap } from './judges/bpf-live.ts';

const frame = fromHex('02000000000102000000000208004500001c00010000401166cd0a0000030a000001000a003500080000');

describe.skipIf(isMissing('root'))('collecting expired elements', () => {
  it('frees the places of those that have expired by then', async () => {
    const system = await kernel();
    const { programs, maps } = translate(
      `table netdev t {
        set brief { type ipv4_addr; flags dynamic, timeout; timeout 1h; }
        set lasting { type ipv4_addr; flags dynamic; }
        chain c { type filter hook ingress device "in0" priority 0;
          add @brief { ip saddr } add @lasting { ip saddr } accept
          drop
        }
      }`,
      { target: 'xdp' },
    );
    expect(programs[0]?.requires).toContain('expiry');
    const loaded = unwrap(loadTranslation(system, programs, maps, kernelBtf()));
    try {
      const pass = (): number => unwrap(testRun(system, loaded.programs[0]!.fd, { data: frame })).returned;
      expect([pass(), pass()]).toEqual([2, 2]);
      const [brief, lasting] = [loaded.maps.get('brief')!, loaded.maps.get('lasting')!];
      const forever = 2n ** 63n;
      expect(unwrap(collectExpired(system, brief, 1n))).toBe(0);
      expect(unwrap(collectExpired(system, lasting, forever))).toBe(0);
      expect(unwrap(collectExpired(system, brief, forever))).toBe(1);
      expect(unwrap(collectExpired(system, brief, forever))).toBe(0);
      expect(pass()).toBe(2);
      expect(unwrap(collectExpired(system, brief, forever))).toBe(1);
    } finally {
      loaded.close();
    }
  });
});
