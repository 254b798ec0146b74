// Arbitraries of what is tested beside fields: limits and their like, hashes, headers and options that may be missing.

import fc from 'fast-check';
import type { Profile } from './fields.ts';
import { type Fragment, inline } from './fragment.ts';
import { concatenable } from './sets.ts';

/** Statements that keep state, with rates so low that no token comes back while a test runs. */
export const stateful: fc.Arbitrary<Fragment> = fc.oneof(
  fc
    .tuple(fc.constantFrom('', 'over '), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }))
    .map(([sign, rate, burst]) => inline(`limit rate ${sign}${rate}/day burst ${burst} packets`)),
  fc
    .tuple(fc.constantFrom('', 'over '), fc.constantFrom(100, 1000), fc.constantFrom(1, 60, 500))
    .map(([sign, rate, burst]) => inline(`limit rate ${sign}${rate} bytes/day burst ${burst} bytes`)),
  fc
    .tuple(fc.constantFrom('', 'over '), fc.constantFrom(0, 60, 100, 500), fc.constantFrom(0, 40))
    .map(([sign, bytes, used]) => inline(`quota ${sign}${Math.max(bytes, used)} bytes used ${used} bytes`)),
  fc
    .tuple(fc.integer({ min: 2, max: 4 }), fc.nat(3))
    .map(([modulus, value]) => inline(`numgen inc mod ${modulus} ${value % modulus}`)),
);

/** A packet that comes here is logged, whatever tests follow. Judges compare what is logged by its prefix. */
export const logStatement: fc.Arbitrary<Fragment> = fc
  .nat(99)
  .map(number => inline(`log prefix "${number}" group 7 snaplen 64`));

const carried: readonly string[] = [
  '',
  ' limit rate 1/day burst 2 packets',
  ' limit rate over 1/day burst 3 packets',
  ' limit rate over 100 bytes/day burst 60 bytes',
  ' quota over 150 bytes',
  ' quota 150 bytes',
  ' counter limit rate 1/week burst 3 packets',
];

/** A rule that puts what it sees into a set of its own, sometimes one that is soon full, and runs what elements carry. */
export function filledSet(profile: Profile): fc.Arbitrary<Fragment> {
  const candidates = concatenable(profile);
  if (candidates.length === 0) return fc.constant(inline('meta mark 0'));
  return fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...candidates), { minLength: 1, maxLength: 2 }),
      fc.constantFrom('add', 'update'),
      fc.constantFrom(...carried),
      fc.constantFrom('', '', ' timeout 1h'),
      fc.constantFrom(3, 100),
    )
    .map(([parts, operation, statements, timeout, size]) => {
      const key = parts.map(({ text }) => text).join(' . ');
      const flags = timeout === '' ? 'dynamic' : 'dynamic,timeout';
      return {
        text: `${operation} @% { ${key}${timeout}${statements} }`,
        declaration: { keyword: 'set' as const, body: `typeof ${key}; flags ${flags}; size ${size};` },
      };
    });
}

/** `jhash` of one field or of several. */
export function jenkinsHash(profile: Profile): fc.Arbitrary<Fragment> {
  const candidates = concatenable(profile);
  if (candidates.length === 0) return fc.constant(inline('meta mark 0'));
  return fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...candidates), { minLength: 1, maxLength: 3 }),
      fc.nat(0xffffffff),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(3),
    )
    .map(([parts, seed, modulus, value]) => {
      const key = parts.map(({ text }) => text).join(' . ');
      return inline(`jhash ${key} mod ${modulus} seed 0x${seed.toString(16)} ${value % modulus}`);
    });
}

const headerValues: readonly string[] = [
  'frag frag-off 0',
  'frag more-fragments 1',
  'frag nexthdr { udp, tcp }',
  'hbh nexthdr != tcp',
  'hbh hdrlength 0',
  'rt type 0',
  'rt seg-left != 1',
  'dst nexthdr 17',
];

const optionValues: readonly string[] = [
  'tcp option maxseg size < 1000',
  'tcp option maxseg size { 536, 1000-1460 }',
  'tcp option window count != 7',
  'tcp option window length 3',
  'tcp option timestamp tsval > 1',
  'tcp option sack left 1-100',
];

/** Extension headers and TCP options: there or not, and what is in them. */
export function optional(profile: Profile): fc.Arbitrary<Fragment> {
  const presence = (name: string): string[] => [`${name} exists`, `${name} missing`];
  const headers = ['hbh', 'rt', 'frag', 'dst', 'mh'].flatMap(name => presence(`exthdr ${name}`));
  const options = ['maxseg', 'window', 'sack-perm', 'timestamp', '1'].flatMap(name =>
    presence(`tcp option ${name}`),
  );
  const available = [
    ...(profile.network === 'ip6' ? [...headers, ...headerValues] : []),
    ...(profile.transport === 'tcp' && profile.network !== 'arp' ? [...options, ...optionValues] : []),
  ];
  if (available.length === 0) return fc.constant(inline('meta mark 0'));
  return fc.constantFrom(...available).map(text => inline(text));
}
