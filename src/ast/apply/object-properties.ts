// What a named object must say to be one: nft asks for some of it, the kernel for the rest.

import { connectionTimeouts } from '../../model/ct-timeouts.ts';
import type { Family } from '../../model/family.ts';
import type {
  CtTimeoutState,
  FlowtableDeclaration,
  ObjectDeclaration,
  TunnelOptions,
} from '../nodes/index.ts';
import { fail } from '../type/failure.ts';
import { suggest } from '../type/literal/suggest.ts';

type ObjectOf<T extends ObjectDeclaration['objectType']> = Extract<
  ObjectDeclaration,
  { readonly objectType: T }
>;

const longestContext = 255;
const longestHelper = 15;
const largestScale = 14n;
const trackedFamilies: readonly Family[] = ['ip', 'ip6', 'inet', 'bridge'];

function incomplete({ objectType, name, span }: ObjectDeclaration, missing: string): never {
  return fail('incomplete-object', `the ${objectType} \`${name.text}\` needs ${missing}`, span);
}

function requireTracking(family: Family, { objectType, span }: ObjectDeclaration): void {
  if (trackedFamilies.includes(family)) return;
  fail('no-conntrack', `there is no connection tracking in family ${family}, so no ${objectType}`, span);
}

function refuseLayer({ span }: ObjectDeclaration, layer: Family, family: Family): never {
  return fail('family-mismatch', `the l3proto ${layer} does not fit the family ${family}`, span);
}

function checkHelper(family: Family, object: ObjectOf<'ct helper'>): void {
  const { helper, l3protocol = family } = object;
  if (helper === undefined) incomplete(object, 'a type and a protocol');
  if (helper.text === '' || helper.text.length > longestHelper)
    fail('bad-name', `the name of a helper has 1 to ${longestHelper} characters`, helper.span);
  const isOther = (l3protocol === 'ip' && family === 'ip6') || (l3protocol === 'ip6' && family === 'ip');
  if (isOther || l3protocol === 'arp') refuseLayer(object, l3protocol, family);
  requireTracking(family, object);
}

function checkState({ state }: CtTimeoutState, protocol: keyof typeof connectionTimeouts): void {
  const known = [...connectionTimeouts[protocol].keys()];
  if (known.includes(state.text)) return;
  const message = `${protocol} has no state \`${state.text}\``;
  fail('unknown-state', message, state.span, suggest(state.text, state.span, known));
}

function checkTimeout(family: Family, object: ObjectOf<'ct timeout'>): void {
  const { protocol, policy } = object;
  if (protocol === undefined) incomplete(object, 'a protocol');
  for (const state of policy) checkState(state, protocol);
  requireTracking(family, object);
}

/** What the kernel keeps of a number is not 0. */
const isGiven = (value: bigint | 'never' | undefined, bits: number): boolean =>
  typeof value === 'bigint' && BigInt.asUintN(bits, value) !== 0n;

function checkExpectation(family: Family, object: ObjectOf<'ct expectation'>): void {
  const { protocol, dport, timeout, size, l3protocol = family } = object;
  const isWhole = isGiven(dport?.value, 16) && isGiven(timeout?.milliseconds, 32) && isGiven(size?.value, 8);
  if (protocol === undefined || !isWhole) incomplete(object, 'a protocol, dport, timeout and size');
  const fits = l3protocol === 'ip' || l3protocol === 'ip6';
  if (!fits || (l3protocol !== family && family !== 'inet')) refuseLayer(object, l3protocol, family);
}

function checkSynproxy(family: Family, object: ObjectOf<'synproxy'>): void {
  const wscale = object.synproxy?.wscale;
  if (wscale !== undefined && wscale.value > largestScale)
    fail('value-out-of-range', `${wscale.text} exceeds the range 0-${largestScale}`, wscale.span);
  requireTracking(family, object);
}

function checkContext(object: ObjectOf<'secmark'>): void {
  const { context } = object;
  if (context === undefined) incomplete(object, 'a context');
  if (context.text === '' || context.text.length > longestContext)
    fail('bad-context', `a context has 1 to ${longestContext} characters`, context.span);
}

const geneveData = /^0[xX](?:[0-9a-fA-F]{4})*$/;
const longestGeneveData = 127;

function checkGeneve(options: TunnelOptions | undefined): void {
  if (options?.kind !== 'geneve') return;
  for (const { data } of options.options) {
    if (geneveData.test(data.text) && data.text.length / 2 - 1 <= longestGeneveData) continue;
    fail('bad-data', 'the data of an option is 0x and pairs of bytes in hexadecimal', data.span);
  }
}

function checkTunnel(family: Family, object: ObjectOf<'tunnel'>): void {
  checkGeneve(object.options);
  if (family !== 'netdev') fail('family-mismatch', 'tunnels are objects of family netdev only', object.span);
  if (object.id === undefined) incomplete(object, 'an id');
  if (object.destination === undefined) incomplete(object, 'the address of the other end');
}

export function checkObject(family: Family, object: ObjectDeclaration): void {
  switch (object.objectType) {
    case 'limit':
      if (object.limit === undefined) incomplete(object, 'a rate');
      return;
    case 'secmark':
      checkContext(object);
      return;
    case 'ct helper':
      checkHelper(family, object);
      return;
    case 'ct timeout':
      checkTimeout(family, object);
      return;
    case 'ct expectation':
      checkExpectation(family, object);
      return;
    case 'synproxy':
      checkSynproxy(family, object);
      return;
    case 'tunnel':
      checkTunnel(family, object);
      return;
    case 'counter':
    case 'quota':
      return;
  }
}

/** Whatever the table's family, a flowtable is on the ingress hook of devices. */
export function checkFlowtable({ hook }: FlowtableDeclaration): void {
  if (hook !== undefined && hook.text !== 'ingress')
    fail(
      'unknown-hook',
      'a flowtable is on hook ingress',
      hook.span,
      suggest(hook.text, hook.span, ['ingress']),
    );
}
