// Options hook, from, meta and ct: where packets arrive and what belongs to them besides their bytes.

import type { Device } from '../lower/linear/eval/index.ts';
import type { IrRuleset } from '../lower/linear/ir.ts';
import type { ConntrackState, PacketContext, PacketPlace } from '../lower/run/index.ts';
import { type Family, familyNumber, type Hook } from '../model/family.ts';
import { oneOf, WrongOption, wholeNumber } from './wrong-option.ts';

/** As they are written: names and numbers as text. */
export interface PacketOptions {
  /** `FAMILY/HOOK`; the ruleset's only hook if left out. */
  readonly hook?: string;
  /** `l2` (default) or `l3`. */
  readonly from?: string;
  /** Keys are those of `metaKeys`. */
  readonly meta?: ReadonlyMap<string, string>;
  /** `state` is the only key. */
  readonly ct?: ReadonlyMap<string, string>;
}

const hooks: readonly Hook[] = [
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
  'ingress',
  'egress',
];
const states: readonly ConntrackState[] = ['new', 'established', 'related', 'invalid', 'untracked'];
/** PACKET_* numbers under nft's names. */
const packetTypes: Readonly<Record<string, number>> = {
  host: 0,
  unicast: 0,
  broadcast: 1,
  multicast: 2,
  other: 3,
};
const ethernetType = 1;

function isFamily(text: string | undefined): text is Family {
  return text !== undefined && Object.hasOwn(familyNumber, text);
}

function baseChains(ir: IrRuleset): readonly (PacketPlace & { readonly devices: readonly string[] })[] {
  return ir.tables.flatMap(({ family, chains }) =>
    chains.flatMap(({ base }) => (base ? [{ family, hook: base.hook, devices: base.devices }] : [])),
  );
}

function namedPlace(text: string): PacketPlace {
  const [family, hookName, extra] = text.split('/');
  const hook = hooks.find(candidate => candidate === hookName);
  if (!isFamily(family) || hook === undefined || extra !== undefined)
    throw new WrongOption('hook', `wants FAMILY/HOOK, e.g. inet/input, not '${text}'`);
  return { family, hook };
}

/** The hook that packets arrive at: the one that was named, or the only one that the ruleset has. */
export function packetPlace({ hook }: PacketOptions, ir: IrRuleset): PacketPlace {
  if (hook !== undefined) return namedPlace(hook);
  const names = [...new Set(baseChains(ir).map(chain => `${chain.family}/${chain.hook}`))];
  const [only] = names;
  if (only === undefined)
    throw new WrongOption('hook', 'is missing: the ruleset has no base chain, so no packet meets it');
  if (names.length > 1) throw new WrongOption('hook', `is needed: the ruleset has ${names.join(', ')}`);
  return namedPlace(only);
}

const metaKeys = [
  'iifname',
  'oifname',
  'iif',
  'oif',
  'mark',
  'priority',
  'pkttype',
  'skuid',
  'skgid',
] as const;
type MetaKey = (typeof metaKeys)[number];
type Meta = ReadonlyMap<MetaKey, string>;

function metaOf({ meta = new Map() }: PacketOptions): Meta {
  return new Map(
    [...meta].map(([name, value]) => {
      const key = metaKeys.find(candidate => candidate === name);
      if (key === undefined) throw new WrongOption('meta', `knows ${metaKeys.join(', ')}, not '${name}'`);
      return [key, value] as const;
    }),
  );
}

function metaNumber(key: MetaKey, text: string): number {
  const value = wholeNumber(text);
  if (value === undefined)
    throw new WrongOption('meta', `${key} wants a number up to 4294967295, not '${text}'`);
  return value;
}

function optionalNumber(meta: Meta, key: MetaKey): number | undefined {
  const text = meta.get(key);
  return text === undefined ? undefined : metaNumber(key, text);
}

type Interfaces = Readonly<Record<string, number>>;

function indexOf(name: string, interfaces: Interfaces): number | undefined {
  return Object.hasOwn(interfaces, name) ? interfaces[name] : undefined;
}

/** An interface by name (`nameKey`), by index (`indexKey`), or both. Unknown ones get an index of their own. */
function deviceOf(
  meta: Meta,
  [nameKey, indexKey]: readonly ['iifname', 'iif'] | readonly ['oifname', 'oif'],
  fallback: string | undefined,
  interfaces: Interfaces,
): Device | undefined {
  const name = meta.get(nameKey) ?? fallback;
  const index = meta.get(indexKey);
  if (index === undefined) {
    if (name === undefined) return undefined;
    return { ...{ index: indexOf(name, interfaces) ?? unknownIndex, name }, ...plainDevice };
  }
  const number = /^\d/.test(index) ? metaNumber(indexKey, index) : indexOf(index, interfaces);
  const found = Object.entries(interfaces).find(([, value]) => value === number)?.[0];
  return { ...{ index: number ?? unknownIndex, name: name ?? found ?? index }, ...plainDevice };
}

const plainDevice = { group: 0, type: ethernetType } as const;
/** Of an interface that the machine does not have. */
const unknownIndex = 4096;

function packetTypeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!Object.hasOwn(packetTypes, text))
    throw new WrongOption('meta', `pkttype is one of ${Object.keys(packetTypes).join(', ')}`);
  return packetTypes[text];
}

function conntrackOf({ ct = new Map() }: PacketOptions): ConntrackState | undefined {
  for (const key of ct.keys()) if (key !== 'state') throw new WrongOption('ct', `knows state, not '${key}'`);
  const text = ct.get('state');
  if (text === undefined) return undefined;
  const state = states.find(candidate => candidate === text);
  if (state === undefined) throw new WrongOption('ct', `state is one of ${states.join(', ')}, not '${text}'`);
  return state;
}

/** At ingress and egress, a packet is at the device of a base chain there unless another one is named. */
function defaultDevice(ir: IrRuleset, { hook }: PacketPlace, wanted: Hook): string | undefined {
  if (hook !== wanted) return undefined;
  return baseChains(ir).find(chain => chain.hook === hook && chain.devices.length > 0)?.devices[0];
}

/** What the packets of a run have in common. */
export function packetContext(
  options: PacketOptions,
  ir: IrRuleset,
  place: PacketPlace,
  interfaces: Interfaces,
): PacketContext {
  const meta = metaOf(options);
  const input = deviceOf(meta, ['iifname', 'iif'], defaultDevice(ir, place, 'ingress'), interfaces);
  const output = deviceOf(meta, ['oifname', 'oif'], defaultDevice(ir, place, 'egress'), interfaces);
  const mark = optionalNumber(meta, 'mark');
  const priority = optionalNumber(meta, 'priority');
  const packetType = packetTypeOf(meta.get('pkttype'));
  const uid = optionalNumber(meta, 'skuid');
  const gid = optionalNumber(meta, 'skgid');
  const conntrack = conntrackOf(options);
  return {
    from: oneOf('from', options.from ?? 'l2', ['l2', 'l3']),
    ...(input && { input }),
    ...(output && { output }),
    ...(mark !== undefined && { mark }),
    ...(priority !== undefined && { priority }),
    ...(packetType !== undefined && { packetType }),
    ...((uid !== undefined || gid !== undefined) && { socket: { uid: uid ?? 0, gid: gid ?? 0 } }),
    ...(conntrack && { conntrack }),
  };
}
