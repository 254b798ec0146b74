// --hook, --from, --meta and --ct: where packets arrive and what belongs to them besides their bytes.

import type { Device } from '../lower/linear/eval/index.ts';
import type { IrRuleset } from '../lower/linear/ir.ts';
import type { ConntrackState, PacketContext, PacketPlace } from '../lower/run/index.ts';
import { type Family, familyNumber, type Hook } from '../model/family.ts';
import {
  type Arguments,
  choiceOption,
  pairOption,
  textOption,
  UsageError,
  wholeNumber,
} from './arguments.ts';

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
    throw new UsageError(`--hook wants FAMILY/HOOK, e.g. inet/input, not '${text}'`);
  return { family, hook };
}

/** The hook that packets arrive at: the one that was named, or the only one that the ruleset has. */
export function packetPlace(args: Arguments, ir: IrRuleset): PacketPlace {
  const text = textOption(args, 'hook');
  if (text !== undefined) return namedPlace(text);
  const names = [...new Set(baseChains(ir).map(({ family, hook }) => `${family}/${hook}`))];
  const [only] = names;
  if (only === undefined) throw new UsageError('the ruleset has no base chain, so no packet meets it');
  if (names.length > 1) throw new UsageError(`--hook is needed: the ruleset has ${names.join(', ')}`);
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

function metaOptions(args: Arguments): ReadonlyMap<MetaKey, string> {
  return new Map(
    pairOption(args, 'meta').map(([name, value]) => {
      const key = metaKeys.find(candidate => candidate === name);
      if (key === undefined) throw new UsageError(`--meta knows ${metaKeys.join(', ')}, not '${name}'`);
      return [key, value] as const;
    }),
  );
}

/** An interface by name, by index, or both. Unknown ones get an index of their own. */
function deviceOf(
  name: string | undefined,
  index: string | undefined,
  interfaces: Readonly<Record<string, number>>,
): Device | undefined {
  if (name === undefined && index === undefined) return undefined;
  const number =
    index === undefined
      ? interfaces[name!]
      : /^\d/.test(index)
        ? wholeNumber(index, '--meta iif')
        : interfaces[index];
  const found = Object.entries(interfaces).find(([, value]) => value === number)?.[0];
  return { index: number ?? unknownIndex, name: name ?? found ?? index!, group: 0, type: ethernetType };
}

/** Of an interface that this machine does not have. */
const unknownIndex = 4096;

function packetTypeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const type = packetTypes[text];
  if (type === undefined)
    throw new UsageError(`--meta pkttype is one of ${Object.keys(packetTypes).join(', ')}`);
  return type;
}

function conntrackOf(args: Arguments): ConntrackState | undefined {
  let result: ConntrackState | undefined;
  for (const [key, value] of pairOption(args, 'ct')) {
    const state = states.find(candidate => candidate === value);
    if (key !== 'state') throw new UsageError(`--ct knows state, not '${key}'`);
    if (state === undefined)
      throw new UsageError(`--ct state is one of ${states.join(', ')}, not '${value}'`);
    result = state;
  }
  return result;
}

/** At ingress and egress, a packet is at the device of a base chain there unless another one is named. */
function defaultDevice(ir: IrRuleset, { hook }: PacketPlace): string | undefined {
  return baseChains(ir).find(chain => chain.hook === hook && chain.devices.length > 0)?.devices[0];
}

function optionalNumber(meta: ReadonlyMap<MetaKey, string>, key: MetaKey): number | undefined {
  const text = meta.get(key);
  return text === undefined ? undefined : wholeNumber(text, `--meta ${key}`);
}

/** What the packets of this run have in common. */
export function packetContext(
  args: Arguments,
  ir: IrRuleset,
  place: PacketPlace,
  interfaces: Readonly<Record<string, number>>,
): PacketContext {
  const meta = metaOptions(args);
  const fallback = defaultDevice(ir, place);
  const input = deviceOf(
    meta.get('iifname') ?? (place.hook === 'ingress' ? fallback : undefined),
    meta.get('iif'),
    interfaces,
  );
  const output = deviceOf(
    meta.get('oifname') ?? (place.hook === 'egress' ? fallback : undefined),
    meta.get('oif'),
    interfaces,
  );
  const mark = optionalNumber(meta, 'mark');
  const priority = optionalNumber(meta, 'priority');
  const packetType = packetTypeOf(meta.get('pkttype'));
  const uid = optionalNumber(meta, 'skuid');
  const gid = optionalNumber(meta, 'skgid');
  const conntrack = conntrackOf(args);
  return {
    from: choiceOption(args, 'from', ['l2', 'l3'], 'l2'),
    ...(input && { input }),
    ...(output && { output }),
    ...(mark !== undefined && { mark }),
    ...(priority !== undefined && { priority }),
    ...(packetType !== undefined && { packetType }),
    ...((uid !== undefined || gid !== undefined) && { socket: { uid: uid ?? 0, gid: gid ?? 0 } }),
    ...(conntrack && { conntrack }),
  };
}
