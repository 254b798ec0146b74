// What elements carry, byte for byte: the layout is that of docs/loading.md. That nft lists and refuses the same is shown by
// test/property/runtime.

import { describe, expect, it } from 'vitest';
import { type Manifest, toJson } from '../../../src/lower/output/manifest.ts';
import type { BpfMap } from '../../../src/lower/program.ts';
import { decodeElement, decodeElements } from '../../../src/runtime/decode.ts';
import { encodeElement } from '../../../src/runtime/encode.ts';
import { type Translation, translate } from '../../../src/translate.ts';

const translation: Translation = translate(`table netdev edge {
  counter web {}
  counter dns {}
  set seen { type ipv4_addr; flags timeout; counter; }
  set brief { type ipv4_addr; flags timeout; timeout 1m; size 3; }
  set asked { type ipv4_addr; flags dynamic, timeout; timeout 1m; }
  set capped { type inet_service . ipv4_addr; limit rate 3/second burst 7 packets; quota 10 kbytes; }
  set ranges { type ipv4_addr; flags interval; counter; elements = { 10.0.0.0/8 counter packets 1 bytes 60 }; }
  map tallies { type inet_service : counter; elements = { 80 : "web" }; }
  chain in {
    type filter hook ingress device "eth0" priority 0;
    ip saddr @seen drop
    ip saddr @brief drop
    tcp dport . ip saddr @capped drop
    ip saddr @ranges drop
    counter name tcp dport map @tallies
    update @asked { ip saddr counter packets 2 bytes 9 }
  }
}
`);

function map(name: string): BpfMap {
  const found = translation.maps.find(({ role }) => role.kind === 'set' && role.set === name);
  if (found === undefined) throw new Error(translation.diagnostics[0]?.message);
  return found;
}

const second = 1_000_000_000n;
const now = 5000n * second;

interface At {
  readonly now?: bigint;
  readonly verb?: 'add' | 'create' | 'delete';
}

function changed(of: BpfMap, elements: string, at: At = { now }): BpfMap {
  const encoding = encodeElement(of, elements, at);
  if (!encoding.ok) throw new Error(encoding.diagnostics[0]!.message);
  return encoding.map;
}

/** The 8-byte numbers of the only value in a map. */
function words({ values }: BpfMap): bigint[] {
  const view = new DataView(values.buffer, values.byteOffset, values.length);
  return Array.from({ length: values.length / 8 }, (_, index) => view.getBigUint64(index * 8, true));
}

function listed(of: BpfMap, at?: bigint): readonly string[] {
  const elements = decodeElements(of, at === undefined ? {} : { now: at });
  return elements.ok ? elements.value : elements.diagnostics.map(({ code }) => code);
}

function refused(name: string, text: string, at: At = { now }): string {
  const encoding = encodeElement(map(name), text, at);
  if (encoding.ok) return `taken: ${listed(encoding.map, now).join(', ')}`;
  const [{ code, span }] = encoding.diagnostics as [(typeof encoding.diagnostics)[number]];
  return `${code}: ${span === undefined ? '' : text.slice(span.from, span.to)}`;
}

describe('values of elements that carry something', () => {
  it('hold the time of expiry, the timeout, and what statements have counted', () => {
    const seen = changed(map('seen'), '10.0.0.1 timeout 30s expires 20s counter packets 3 bytes 120');
    expect([...seen.keys]).toEqual([10, 0, 0, 1]);
    expect(words(seen)).toEqual([1n, 5020n * second, 30n * second, 3n, 120n]);
    expect(words(changed(map('seen'), '10.0.0.1'))).toEqual([1n, 0n, 0n, 0n, 0n]);
    expect(words(changed(map('brief'), '10.0.0.1'))).toEqual([1n, 5060n * second, 60n * second]);
    expect(words(changed(map('brief'), '10.0.0.1 timeout never', {}))).toEqual([1n, 0n, 0n]);
    // No time of expiry: its place is 0. Then the limit, of which all is left, and the quota.
    const capped = changed(
      map('capped'),
      '22 . 10.0.0.1 limit rate 3/second burst 7 packets quota 10 kbytes used 9 bytes',
    );
    expect(words(capped)).toEqual([1n, 0n, 0n, 9n]);
  });

  it('are listed with what is left of their time', () => {
    const seen = changed(
      map('seen'),
      '10.0.0.1 timeout 30s expires 20s counter packets 3 bytes 120, 10.0.0.2',
    );
    const plain = '10.0.0.2 counter packets 0 bytes 0';
    expect(listed(seen, now + 5n * second)).toEqual([
      '10.0.0.1 counter packets 3 bytes 120 timeout 30s expires 15s',
      plain,
    ]);
    expect(listed(seen, now + 20n * second)).toEqual([plain]);
    expect(listed(seen)).toEqual(['missing-time']);
    expect(
      listed(changed(map('brief'), '10.0.0.1, 10.0.0.2 timeout never, 10.0.0.3 timeout 1s'), now),
    ).toEqual(['10.0.0.1 expires 1m', '10.0.0.2 timeout never', '10.0.0.3 timeout 1s expires 1s']);
    const gone = decodeElement(seen, seen.keys.subarray(0, 4), seen.values.subarray(0, 40), {
      now: 2n * now,
    });
    expect(gone).toEqual({ ok: true, value: undefined });
  });

  it('begin as the rules that add them say, where the declaration has no statements', () => {
    expect(refused('asked', '10.0.0.1')).toBe('unsupported-element: 10.0.0.1');
    expect(words(changed(map('asked'), '10.0.0.1 counter'))).toEqual([
      1n,
      5060n * second,
      60n * second,
      0n,
      0n,
    ]);
    expect(refused('asked', '10.0.0.1 quota 1 bytes')).toBe('unsupported-element: quota 1 bytes');
  });

  it.each([
    ['seen', '10.0.0.1 timeout 3s', {}, 'missing-time: 10.0.0.1 timeout 3s'],
    ['brief', '10.0.0.1', {}, 'missing-time: 10.0.0.1'],
    ['seen', '10.0.0.1 expires 3s', { now }, 'unexpected-expires: 3s'],
    ['seen', '10.0.0.1 timeout 2s expires 3s', { now }, 'value-out-of-range: 3s'],
    ['seen', '10.0.0.1 timeout x', { now }, 'syntax-error: x'],
    ['seen', '10.0.0.1 quota 1 bytes', { now }, 'statement-mismatch: quota 1 bytes'],
    ['seen', '10.0.0.1 counter counter', { now }, 'statement-mismatch: 10.0.0.1 counter counter'],
    [
      'capped',
      '22 . 10.0.0.1 limit rate 3/second quota 10 kbytes',
      { now },
      'unsupported-element: limit rate 3/second',
    ],
    ['capped', '22 . 10.0.0.1 timeout 3s', { now }, 'unexpected-timeout: 3s'],
    ['ranges', '10.1.0.0/16', { now }, 'conflicting-intervals: 10.1.0.0/16'],
    ['tallies', '443 : "nosuch"', { now }, 'unknown-object: "nosuch"'],
  ] as const)('%s: %s', (name, text, at, expected) => {
    expect(refused(name, text, at)).toBe(expected);
  });
});

describe('elements that are there', () => {
  it('keep what they have counted', () => {
    const seen = changed(map('seen'), '10.0.0.1 counter packets 3 bytes 120 timeout 30s');
    const later = now + 5n * second;
    expect(words(changed(seen, '10.0.0.1 counter packets 9 timeout 30s', { now: later }))).toEqual(
      words(seen),
    );
    expect(words(changed(seen, '10.0.0.1 timeout 40s', { now: later }))).toEqual([
      1n,
      5045n * second,
      40n * second,
      3n,
      120n,
    ]);
    const ranges = changed(map('ranges'), '192.0.2.0/24, 9.0.0.0/8');
    expect(listed(ranges)).toEqual([
      '9.0.0.0/8 counter packets 0 bytes 0',
      '10.0.0.0/8 counter packets 1 bytes 60',
      '192.0.2.0/24 counter packets 0 bytes 0',
    ]);
    // The list's first entry stays where packets may be counting.
    expect(ranges.values.subarray(0, ranges.valueSize)).toEqual(map('ranges').values);
  });

  it('are absent once they have expired', () => {
    const brief = changed(map('brief'), '10.0.0.1');
    const later = { now: now + 61n * second } as const;
    const gone = encodeElement(brief, '10.0.0.1', { ...later, verb: 'delete' });
    expect(gone.ok ? '' : gone.diagnostics[0]!.code).toBe('unknown-element');
    expect(words(changed(brief, '10.0.0.1', { ...later, verb: 'create' }))[1]).toBe(5121n * second);
    const unknown = encodeElement(brief, '10.0.0.1 timeout never', { verb: 'create' });
    expect(unknown.ok ? '' : unknown.diagnostics[0]!.code).toBe('missing-time');
  });
});

describe('maps of a manifest', () => {
  it('say what elements carry', () => {
    const { maps } = JSON.parse(toJson(translation)) as Manifest;
    for (const given of maps.filter(({ role }) => role.kind === 'set')) {
      const own = map(given.role.kind === 'set' ? given.role.set : '');
      const text = { seen: '10.0.0.1 counter bytes 5', capped: '22 . 10.0.0.1', tallies: '53 : dns' }[
        given.name
      ];
      if (text !== undefined)
        expect(encodeElement(given, text, { now })).toEqual(encodeElement(own, text, { now }));
    }
  });

  it('name objects', () => {
    const tallies = changed(map('tallies'), '53 : dns, 443 : "web"');
    expect(listed(tallies)).toEqual(['53 : "dns"', '80 : "web"', '443 : "web"']);
  });
});
