// Elements at run time without nft: what is refused and where, maps out of the manifest, lists that are full of free
// entries, counters.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest, ManifestMap } from '../../../src/lower/output/manifest.ts';
import { toJson } from '../../../src/lower/output/manifest.ts';
import type { BpfMap } from '../../../src/lower/program.ts';
import { decodeCounters } from '../../../src/runtime/counters.ts';
import { decodeElement, decodeElements } from '../../../src/runtime/decode.ts';
import { diff } from '../../../src/runtime/diff.ts';
import { encodeElement, encodeElements } from '../../../src/runtime/encode.ts';
import { applyUpdates } from '../../../src/runtime/updates.ts';
import { type Translation, translate } from '../../../src/translate.ts';

const sets = `
  set hosts { type ipv4_addr; size 3; elements = { 192.0.2.1, 192.0.2.2 }; }
  set nets { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 }; }
  set merged { type inet_service; flags interval; auto-merge; elements = { 20-30 }; }
  set pairs { type ipv4_addr . inet_service; flags interval; size 3; elements = { 10.0.0.0/8 . 22, 192.0.2.0/24 . 80-90 }; }
  map ways { type inet_service : verdict; elements = { 22 : jump ssh }; }
  map marks { type ifname . ether_addr : mark; elements = { "eth0" . 02:00:00:00:00:01 : 7 }; }
  set fixed { type ipv6_addr; flags constant; elements = { ${Array.from({ length: 1100 }, (_, n) => `2001:db8::${(n * 2).toString(16)}`).join(', ')} }; }
`;
const rules = `
  ip saddr @hosts counter drop
  ip saddr @nets drop
  tcp dport @merged drop
  ip saddr . tcp dport @pairs counter packets 5 bytes 500 drop
  tcp dport vmap @ways
  meta mark set iifname . ether saddr map @marks
  ip6 saddr @fixed drop
`;

const source = (declared: string): string =>
  `table netdev edge {${declared}\nchain ssh { drop; }\nchain other { accept; }\nchain in { type filter hook ingress device "eth0" priority 0; ${rules} }\n}\n`;

const { ok, maps, diagnostics } = translate(source(sets));

function map(name: string): BpfMap {
  const found = maps.find(({ role }) => role.kind === 'set' && role.set === name);
  if (found === undefined) throw new Error(`no map ${name}: ${ok} ${diagnostics[0]?.message}`);
  return found;
}

function listed(of: BpfMap): readonly string[] {
  const elements = decodeElements(of);
  return elements.ok ? elements.value : elements.diagnostics.map(({ message }) => message);
}

/** Code and marked text of the first diagnostic. */
function refused(name: string, text: string, verb: 'add' | 'create' | 'delete' = 'add'): string {
  const encoding = encodeElement(map(name), text, { verb });
  if (encoding.ok) return `taken: ${listed(encoding.map).join(', ')}`;
  const [{ code, span }] = encoding.diagnostics as [(typeof encoding.diagnostics)[number]];
  return `${code}: ${span === undefined ? '' : text.slice(span.from, span.to)}`;
}

describe('elements that do not go into a map', () => {
  it.each([
    ['hosts', '192.0.2.300', 'unknown-symbol: 192.0.2.300'],
    ['hosts', '192.0.2.0/24', 'missing-interval-flag: 192.0.2.0/24'],
    ['hosts', '192.0.2.1-192.0.2.9', 'missing-interval-flag: 192.0.2.1-192.0.2.9'],
    ['hosts', '192.0.2.1 . 22', 'type-mismatch: 22'],
    ['hosts', '192.0.2.1 : 22', 'unexpected-data: 22'],
    ['hosts', '192.0.2.5 timeout 3s', 'unexpected-timeout: 3s'],
    ['hosts', '192.0.2.5 comment "x"', 'unsupported-element: comment'],
    ['hosts', '*', 'unsupported-element: *'],
    ['hosts', '', 'syntax-error: '],
    ['hosts', '{ 192.0.2.5', 'syntax-error: '],
    ['hosts', '192.0.2.5; flush ruleset', 'syntax-error: ;'],
    ['hosts', '192.0.2.8, 192.0.2.9', 'set-full: 192.0.2.8, 192.0.2.9'],
    ['nets', '10.1.0.0/16', 'conflicting-intervals: 10.1.0.0/16'],
    ['nets', '192.0.2.9-192.0.2.1', 'negative-range: 192.0.2.9-192.0.2.1'],
    ['nets', '192.0.2.0/33', 'prefix-too-long: 33'],
    ['merged', '70000', 'value-out-of-range: 70000'],
    ['pairs', '10.1.2.3 . 22-25', 'conflicting-intervals: 10.1.2.3 . 22-25'],
    ['pairs', '10.1.2.3', 'type-mismatch: 10.1.2.3'],
    ['ways', '23', 'missing-data: 23'],
    ['ways', '23 : jump nosuch', 'unknown-chain: jump nosuch'],
    ['ways', '23 : jump other', 'unknown-chain: jump other'],
    ['ways', '23 : acept', 'unknown-symbol: acept'],
    ['ways', '22 : drop', 'duplicate-element: 22 : drop'],
    ['marks', '"eth1" . 02:00:00:00:00:01 : 4294967296', 'value-out-of-range: 4294967296'],
    ['marks', '"interface-name-16" . 02:00:00:00:00:01 : 1', 'string-too-long: "interface-name-16"'],
    ['marks', 'tcp . 02:00:00:00:00:01 : 1', 'type-mismatch: tcp'],
    ['fixed', '2001:db8::1', 'constant-set: 2001:db8::1'],
  ])('%s: %s', (name, text, expected) => {
    expect(refused(name, text)).toBe(expected);
  });

  it('are told from those that are there by their verb', () => {
    expect(refused('hosts', '192.0.2.1')).toBe('taken: 192.0.2.1, 192.0.2.2');
    expect(refused('hosts', '192.0.2.1', 'create')).toBe('duplicate-element: 192.0.2.1');
    expect(refused('hosts', '192.0.2.9', 'delete')).toBe('unknown-element: 192.0.2.9');
    expect(refused('ways', '22', 'delete')).toBe('taken: ');
  });

  it('never throw', () => {
    const word = fc.constantFrom(
      ...['10.0.0.1', '22', '-', '/', '.', ' . ', ':', ' : ', ',', '{', '}', '*', '"', '|', 'jump', 'ssh'],
      ...['eth0', '::', '02:00:00:00:00:01', '0x', '\\', '#', '\n', '$x', '@hosts', 'timeout', 'exists'],
    );
    const text = fc.oneof(
      fc.array(word, { maxLength: 8 }).map(words => words.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...maps), text, fc.constantFrom('add', 'delete'), (of, elements, verb) => {
        const encoding = encodeElement(of, elements, { verb });
        expect(encoding.ok || encoding.diagnostics.length > 0).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('maps of a manifest', () => {
  const translation = translate(source(sets));
  const manifest = JSON.parse(toJson(translation)) as Manifest;

  it('give the same elements and updates', () => {
    for (const given of manifest.maps.filter(({ role }) => role.kind === 'set')) {
      const own = maps.find(({ name }) => name === given.name)!;
      expect(decodeElements(given)).toEqual(decodeElements(own));
    }
    const given = manifest.maps.find(({ name }) => name === 'pairs')!;
    expect(encodeElement(given, '203.0.113.0/24 . 1-9')).toEqual(
      encodeElement(map('pairs'), '203.0.113.0/24 . 1-9'),
    );
  });

  it('are refused where their contents are not what they say', () => {
    const given: ManifestMap = { ...manifest.maps[0]!, keys: 'AA==' };
    expect(decodeElements(given)).toMatchObject({ ok: false, diagnostics: [{ code: 'wrong-contents' }] });
    const counters = manifest.maps.find(({ role }) => role.kind === 'rule_counters')!;
    expect(decodeElements(counters)).toMatchObject({ ok: false, diagnostics: [{ code: 'not-a-set' }] });
    expect(decodeElement(map('hosts'), new Uint8Array(3), new Uint8Array(4))).toMatchObject({ ok: false });
  });
});

describe('lists of ranges', () => {
  it('go on with the entries that are free in between', () => {
    let pairs = map('pairs');
    const steps = [
      ['delete', '10.0.0.0/8 . 22'],
      ['add', '198.51.100.1 . 1'],
      ['add', '198.51.100.2 . 2'],
    ] as const;
    for (const [verb, elements] of steps) {
      const encoding = encodeElement(pairs, elements, { verb });
      if (!encoding.ok) throw new Error(encoding.diagnostics[0]?.message);
      expect(encoding.atomic).toBe(true);
      expect(listed(applyUpdates(pairs, encoding.updates))).toEqual(listed(encoding.map));
      pairs = encoding.map;
    }
    expect(listed(pairs)).toEqual(['192.0.2.0/24 . 80-90', '198.51.100.1 . 1', '198.51.100.2 . 2']);
  });

  it('say when they have no room to add first', () => {
    const changes = [
      { verb: 'add', elements: '198.51.100.1 . 1' },
      { verb: 'delete', elements: '10.0.0.0/8 . 22' },
      { verb: 'add', elements: '198.51.100.2 . 2' },
      { verb: 'delete', elements: '192.0.2.0/24 . 80-90' },
      { verb: 'add', elements: '198.51.100.3 . 3' },
    ] as const;
    const encoding = encodeElements(map('pairs'), changes);
    if (!encoding.ok) throw new Error(encoding.diagnostics[0]?.message);
    expect(encoding.atomic).toBe(false);
    expect(listed(encoding.map)).toEqual(['198.51.100.1 . 1', '198.51.100.2 . 2', '198.51.100.3 . 3']);
  });
});

describe('counters', () => {
  const counters = maps.find(({ role }) => role.kind === 'rule_counters')!;

  it('are the sum over the CPUs and what the ruleset starts with', () => {
    const bytes = new Uint8Array(2 * 2 * 16);
    const view = new DataView(bytes.buffer);
    [1n, 100n, 2n, 200n, 3n, 300n, 4n, 400n].forEach((value, index) => {
      view.setBigUint64(index * 8, value, true);
    });
    expect(decodeCounters(counters, bytes)).toMatchObject({
      ok: true,
      value: [
        { family: 'netdev', table: 'edge', rule: 2, packets: 3n, bytes: 300n },
        { family: 'netdev', table: 'edge', rule: 5, packets: 12n, bytes: 1200n },
      ],
    });
    expect(decodeCounters(counters, bytes.subarray(0, 40))).toMatchObject({ ok: false });
    expect(decodeCounters(map('hosts'), bytes)).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'not-counters' }],
    });
  });

  it('are found again in another ruleset by their names', () => {
    const named = (more: string): Translation =>
      translate(`table ip t {
        counter seen { packets 1 bytes 1; }
        chain c { type filter hook input priority 0; ${more} counter name seen tcp dport 22 counter; }
      }
`);
    const { programs, counters: moves } = diff(named(''), named('udp dport 53 counter drop;'));
    expect(programs.map(({ change }) => change)).toEqual(['replace']);
    expect(moves.find(({ counter }) => 'object' in counter)).toMatchObject({ before: { slot: 0 } });
    expect(moves.filter(({ before }) => before === undefined).length).toBe(2);
  });
});
