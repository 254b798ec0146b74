// What binds base chains to one that stays, one reason at a time. `queue` is what no target does: the chain `stays` stays,
// and the question is what becomes of its neighbour `free`.

import { describe, expect, it } from 'vitest';
import { cutText } from './support.ts';

/** Two base chains at different hooks: one that is refused, with `staying` in it, and one with `moving`. */
function twoChains(staying: string, moving: string, more = ''): string {
  return `table inet t {
    ${more}
    chain free { type filter hook input priority 0; ${moving}; }
    chain stays { type filter hook forward priority 0; ${staying}; tcp dport 1 queue; }
  }`;
}

function fateOfFree(staying: string, moving: string, more = ''): string {
  const { moves, stays } = cutText(twoChains(staying, moving, more));
  expect(stays['t stays']).toBe('no target decides it exactly');
  return stays['t free'] ?? (moves['t free'] === 0 ? 'moves' : 'lost');
}

const bound = (what: string): string => `${what} binds it to chain \`stays\` that stays`;
const both = (rule: string, more = ''): string => fateOfFree(rule, rule, more);

describe('what changes and is used on both sides binds', () => {
  it.each([
    ['a named set', 'ip saddr @s drop', 'set s { type ipv4_addr; }', 'set `s`'],
    ['a verdict map', 'ip saddr vmap @m', 'map m { type ipv4_addr : verdict; }', 'set `m`'],
    ['a named counter', 'counter name "n"', 'counter n { }', 'counter `n`'],
    ['a named quota', 'quota name "n" drop', 'quota n { over 1 mbytes; }', 'quota `n`'],
    ['a named limit', 'limit name "n" drop', 'limit n { rate 1/second; }', 'limit `n`'],
    ['a chain that counts', 'jump c', 'chain c { counter; }', 'chain `c`'],
    ['a chain with a limit', 'jump c', 'chain c { limit rate 1/second drop; }', 'chain `c`'],
    ['a chain with a generator', 'jump c', 'chain c { numgen inc mod 2 0 drop; }', 'chain `c`'],
    ['a chain below a chain', 'jump c', 'chain d { counter; }\nchain c { goto d; }', 'chain `d`'],
    [
      'a chain of a verdict map without a name',
      'tcp dport vmap { 1 : jump c }',
      'chain c { counter; }',
      'chain `c`',
    ],
  ])('%s', (_, rule, more, what) => {
    expect(both(rule, more)).toBe(bound(what));
    expect(fateOfFree('counter', rule, more)).toBe('moves');
  });

  it('an object that only elements name', () => {
    const more = 'counter n { }\nmap m { type ipv4_addr : counter; elements = { 192.0.2.1 : "n" }; }';
    const { stays } = cutText(twoChains('counter name ip saddr map @m', 'counter name "n"', more));
    expect(stays['t free']).toBe(bound('counter `n`'));
  });

  it('what a chain uses that no base chain calls: it stays, and may be called later', () => {
    const more = 'set s { type ipv4_addr; }\nchain idle { ip saddr @s drop; }';
    const { stays } = cutText(twoChains('counter', 'ip saddr @s drop', more));
    expect(stays['t free']).toBe('set `s` binds it to something that stays');
  });

  it('by way of a third chain', () => {
    const { stays, moves } = cutText(`table inet t {
      set a { type ipv4_addr; }
      set b { type ipv4_addr; }
      chain first { type filter hook input priority 0; ip saddr @a drop; }
      chain second { type filter hook output priority 0; ip saddr @a drop; ip daddr @b drop; }
      chain last { type filter hook forward priority 0; ip daddr @b drop; queue; }
      chain other { type filter hook postrouting priority 0; counter; }
    }`);
    expect(stays).toEqual({
      't first': 'set `a` binds it to chain `second` that stays',
      't second': 'set `b` binds it to chain `last` that stays',
      't last': 'no target decides it exactly',
    });
    expect(moves).toEqual({ 't other': 0 });
  });

  it('with the places where each uses it', () => {
    const text = twoChains('ip daddr @s accept', 'ip saddr @s drop', 'set s { type ipv4_addr; }');
    const { ir, cut } = cutText(text);
    const free = ir.tables[0]!.chains.find(({ name }) => name === 'free')!;
    const places = cut.stays.get(free)!.notes.map(({ span }) => text.slice(span!.from, span!.to));
    expect(places).toEqual([expect.stringContaining('saddr'), expect.stringContaining('daddr')]);
  });
});

describe('what never changes may exist twice', () => {
  it.each([
    [
      'a constant set',
      'ip saddr @s drop',
      'set s { type ipv4_addr; flags constant; elements = { 192.0.2.1 }; }',
    ],
    [
      'a set without a name, in a chain that both call',
      'jump c',
      'chain c { ip saddr { 192.0.2.1, 192.0.2.2 } drop; }',
    ],
    [
      'a chain that tests and decides',
      'jump c',
      'chain c { tcp dport 22 accept; goto d; }\nchain d { drop; }',
    ],
    ['a random generator', 'jump c', 'chain c { numgen random mod 2 0 drop; }'],
  ])('%s', (_, rule, more) => expect(both(rule, more)).toBe('moves'));

  it('things of the same name in two tables', () => {
    const { moves } = cutText(`
      table ip a { set s { type ipv4_addr; }; chain c { type filter hook input priority 0; ip saddr @s drop; }; }
      table ip b { set s { type ipv4_addr; }; chain c { type filter hook forward priority 0; ip saddr @s queue; }; }`);
    expect(moves).toEqual({ 'a c': 0 });
  });
});

describe('marks and the packet do not bind: both sides read and write the same fields in the same order', () => {
  it.each([
    ['meta mark', 'meta mark set 5', 'meta mark 5 drop'],
    ['ct mark', 'ct mark set 5', 'ct mark 5 drop'],
    ['notrack', 'notrack', 'ct state untracked drop'],
    ['packet rewriting', 'ip ttl set 5', 'ip ttl 5 drop'],
  ])('%s', (_, staying, moving) => expect(fateOfFree(staying, moving)).toBe('moves'));
});

describe('chains that never become programs', () => {
  it('stay without any harm to their neighbours', () => {
    const { moves, stays } = cutText(`
      table inet t {
        chain input { type filter hook input priority 0; ct state established accept; }
        chain translate { type nat hook prerouting priority -100; tcp dport 80 redirect to :8080; }
        chain masquerade_all { type nat hook postrouting priority 100; masquerade; }
        chain route { type route hook output priority 0; meta mark set 1; }
      }
      table bridge b { chain forward { type filter hook forward priority 0; drop; }; }
      table arp a { chain input { type filter hook input priority 0; drop; }; }`);
    expect(moves).toEqual({ 't input': 0 });
    expect(Object.keys(stays)).toEqual([
      't translate',
      't masquerade_all',
      't route',
      'b forward',
      'a input',
    ]);
  });

  it('of dormant tables run nowhere, so nothing is said of them and nothing is bound to them', () => {
    const { moves, stays } = cutText(`
      table ip asleep { flags dormant; chain c { type filter hook input priority 0; queue; }; }
      table ip awake { chain c { type filter hook input priority 0; drop; }; }`);
    expect(moves).toEqual({ 'awake c': 0 });
    expect(stays).toEqual({});
  });
});
