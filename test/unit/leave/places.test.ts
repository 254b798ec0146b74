// Whether a program can stand where its chain stands, beside what stays.

import { describe, expect, it } from 'vitest';
import { cutText } from './support.ts';

interface Base {
  readonly name: string;
  readonly priority: number;
  readonly hook?: string;
  readonly family?: string;
  readonly type?: string;
  readonly rule?: string;
}

/** One table a base chain, in order of registration. Chains whose names begin with `s` are refused. */
function hooked(...bases: readonly Base[]): string {
  return bases
    .map(({ name, priority, hook = 'input', family = 'inet', type = 'filter', rule }) => {
      const does = rule ?? (name.startsWith('s') ? 'queue' : 'drop');
      return `table ${family} ${name} { chain c { type ${type} hook ${hook} priority ${priority}; ${does}; }; }`;
    })
    .join('\n');
}

const isAt = (name: string, priority: number): Record<string, number> => ({ [`${name} c`]: priority });

describe('priorities', () => {
  it('are those of the chains where they are free', () => {
    const { moves } = cutText(
      hooked({ name: 'a', priority: -5 }, { name: 's', priority: 0 }, { name: 'b', priority: 5 }),
    );
    expect(moves).toEqual({ ...isAt('a', -5), ...isAt('b', 5) });
  });

  it('a chain in front of one that stays goes one lower: the one registered later runs first', () => {
    expect(cutText(hooked({ name: 's', priority: 0 }, { name: 'a', priority: 0 })).moves).toEqual(
      isAt('a', -1),
    );
  });

  it('a chain behind one that stays goes one higher', () => {
    expect(cutText(hooked({ name: 'a', priority: 0 }, { name: 's', priority: 0 })).moves).toEqual(
      isAt('a', 1),
    );
  });

  it('several that run on the same side go together', () => {
    const { moves } = cutText(
      hooked({ name: 'a', priority: 0 }, { name: 'b', priority: 0 }, { name: 's', priority: 0 }),
    );
    expect(moves).toEqual({ ...isAt('a', 1), ...isAt('b', 1) });
  });

  it('one on each side', () => {
    const { moves } = cutText(
      hooked({ name: 'a', priority: 0 }, { name: 's', priority: 0 }, { name: 'b', priority: 0 }),
    );
    expect(moves).toEqual({ ...isAt('a', 1), ...isAt('b', -1) });
  });

  it('between two that stay there is no place', () => {
    const { stays } = cutText(
      hooked({ name: 's1', priority: 0 }, { name: 'a', priority: 0 }, { name: 's2', priority: 0 }),
    );
    expect(stays['a c']).toMatch(/at the priority of chain `c`, 0, and no neighbouring one keeps the order/);
  });

  it('where something has the next number there is no place', () => {
    const { stays } = cutText(
      hooked({ name: 'a', priority: 0 }, { name: 's', priority: 0 }, { name: 'b', priority: 1 }),
    );
    expect(stays['a c']).toBe('what stays has its priority, 0, and the next one, 1, is that of chain `c`');
  });

  it('two that would meet at one number both stay', () => {
    const { stays } = cutText(
      hooked(
        { name: 'a', priority: 0 },
        { name: 's1', priority: 0 },
        { name: 's2', priority: 2 },
        { name: 'b', priority: 2 },
      ),
    );
    expect(Object.keys(stays)).toEqual(['a c', 's1 c', 's2 c', 'b c']);
  });

  it('of chains of other protocols do not matter', () => {
    const { moves } = cutText(
      hooked({ name: 'a', priority: 0, family: 'ip' }, { name: 's', priority: 0, family: 'ip6' }),
    );
    expect(moves).toEqual(isAt('a', 0));
  });

  it('an inet chain that IPv4 and IPv6 want on different sides stays', () => {
    const { stays } = cutText(
      hooked(
        { name: 's4', priority: 0, family: 'ip' },
        { name: 'a', priority: 0 },
        { name: 's6', priority: 0, family: 'ip6' },
      ),
    );
    expect(stays['a c']).toMatch(/no neighbouring one keeps the order/);
  });

  it('next to those of reassembly and connection tracking are no way out', () => {
    const { stays } = cutText(
      hooked(
        { name: 'a', priority: -201, hook: 'prerouting' },
        { name: 's', priority: -201, hook: 'prerouting' },
      ),
    );
    expect(stays['a c']).toMatch(/and priority -200 at prerouting is that of connection tracking/);
  });
});

describe('address translation', () => {
  const nat: Base = { name: 'n', priority: 5, type: 'nat', hook: 'prerouting', rule: 'accept' };

  it('does not stand at the priority that its chains name', () => {
    const free: Base = { name: 'a', priority: 5, hook: 'prerouting' };
    expect(cutText(hooked(nat, free)).moves).toEqual(isAt('a', 5));
  });

  it.each([
    ['prerouting', -100],
    ['output', -100],
    ['input', 100],
    ['postrouting', 100],
  ])('stands at %s %i, wherever its first chain is', (hook, priority) => {
    const free: Base = { name: 'a', priority, hook };
    expect(cutText(hooked(nat, free)).moves).toEqual(isAt('a', priority - 1));
    expect(cutText(hooked(free, nat)).moves).toEqual(isAt('a', priority + 1));
  });

  it('is not at forward, and that of IPv6 is not in the way of IPv4', () => {
    expect(cutText(hooked(nat, { name: 'a', priority: 100, hook: 'forward' })).moves).toEqual(isAt('a', 100));
    const free: Base = { name: 'a', priority: -100, hook: 'prerouting', family: 'ip' };
    expect(cutText(hooked({ ...nat, family: 'ip6' }, free)).moves).toEqual(isAt('a', -100));
  });
});

describe('devices', () => {
  /** Chains on eth0; those whose names begin with `s` are refused. */
  const onDevice = (hook: string, ...names: readonly string[]): string => {
    const chains = names.map((name, index) => {
      const rule = name.startsWith('s') ? 'ip saddr 192.0.2.1 dup to eth1' : 'drop';
      return `chain ${name} { type filter hook ${hook} device eth0 priority ${index}; ${rule}; }`;
    });
    return `table netdev t {\n${chains.join('\n')}\n}`;
  };

  it('at ingress the first chains move', () => {
    const { moves, stays } = cutText(onDevice('ingress', 'a', 'b', 's', 'c'));
    expect(moves).toEqual({ 't a': 0, 't b': 1 });
    expect(stays['t c']).toBe(
      'programs at ingress of eth0 run before all chains in nf_tables, and chain `s`, which runs in front of it, stays',
    );
  });

  it('at egress the last ones do', () => {
    const { moves, stays } = cutText(onDevice('egress', 'a', 's', 'b', 'c'));
    expect(moves).toEqual({ 't b': 2, 't c': 3 });
    expect(stays['t a']).toMatch(
      /behind all chains in nf_tables, and chain `s`, which runs behind it, stays/,
    );
  });

  it('a chain on several devices moves if it can on all of them', () => {
    const text = `table netdev t {
      chain s { type filter hook ingress device eth1 priority 0; dup to eth0; }
      chain both { type filter hook ingress devices = { eth0, eth1 } priority 1; drop; }
      chain one { type filter hook ingress device eth0 priority 1; drop; }
    }`;
    expect(cutText(text).moves).toEqual({ 't one': 1 });
    expect(cutText(text).stays['t both']).toMatch(/at ingress of eth1/);
  });

  it('a flowtable takes packets away in front of the chains behind it, which stay', () => {
    const text = `table inet t {
      flowtable f { hook ingress priority 0; devices = { eth0 }; }
      chain forward { type filter hook forward priority 0; tcp dport 80 flow add @f; }
    }
    table netdev d {
      chain front { type filter hook ingress device eth0 priority -1; drop; }
      chain behind { type filter hook ingress device eth0 priority 0; drop; }
      chain other { type filter hook ingress device eth1 priority 5; drop; }
    }`;
    const { moves, stays } = cutText(text);
    expect(moves).toEqual({ 'd front': -1, 'd other': 5 });
    expect(stays['d behind']).toBe('flowtable `f` takes packets of eth0 away in front of it');
  });

  it('a chain that the device runs itself stays', () => {
    const { stays } = cutText(
      'table netdev t { chain c { type filter hook ingress device eth0 priority 1; flags offload; drop; }; }',
    );
    expect(stays['t c']).toBe('the device is asked to run it itself (`flags offload`)');
  });

  it('a chain on a pattern of devices stays, and so do those behind it', () => {
    const { moves, stays } = cutText(`table netdev t {
      chain wild { type filter hook ingress device "eth*" priority 0; drop; }
      chain behind { type filter hook ingress device eth0 priority 1; drop; }
      chain elsewhere { type filter hook ingress device wan0 priority 1; drop; }
    }`);
    expect(Object.keys(stays)).toEqual(['t wild', 't behind']);
    expect(moves).toEqual({ 't elsewhere': 1 });
  });

  it('a chain that names none stays', () => {
    const { stays } = cutText('table netdev t { chain c { type filter hook ingress priority 0; drop; }; }');
    expect(stays['t c']).toBe('it names no device, so there is no place for a program');
  });
});
