// What makes a chain a base chain: type, hook, priority, devices, policy.

import type { Family, Hook } from '../../model/family.ts';
import {
  type ChainType,
  defaultPolicy,
  hookNumbers,
  hooksOf,
  lastPriorityBeforeNat,
  priorityByName,
  priorityNames,
  takesDevices,
} from '../../model/hooks.ts';
import type { Span } from '../../source/span.ts';
import type { BaseChainSpec, ChainDeclaration, DeviceList, Name, Priority } from '../nodes/index.ts';
import { fail } from '../type/failure.ts';
import { suggest } from '../type/literal/suggest.ts';
import type { TableScope } from '../type/scope.ts';
import { nameOf, type Written } from './references.ts';

export interface BaseChain {
  readonly span: Span;
  readonly type: ChainType;
  readonly hook: Hook;
  readonly priority: number;
  /** Names and patterns (`eth*`) of devices; empty on hooks that have none. */
  readonly devices: readonly string[];
  readonly policy: 'accept' | 'drop';
  readonly offload: boolean;
  /** Rank among all base chains in the order they came into being: of equal priorities, the later one runs first. */
  readonly registered?: number;
}

function hookOf(family: Family, type: ChainType, name: Name): Hook {
  const known = Object.keys(hookNumbers[family]);
  if (!known.includes(name.text)) {
    const message = `the ${family} family has no hook \`${name.text}\` (it has ${known.join(', ')})`;
    return fail('unknown-hook', message, name.span, suggest(name.text, name.span, known));
  }
  const hook = name.text as Hook;
  const allowed = hooksOf(family, type);
  if (allowed.includes(hook)) return hook;
  const where = allowed.length === 0 ? 'in this family' : `on this hook, only on ${allowed.join(', ')}`;
  return fail('chain-type-unsupported', `there are no chains of type ${type} ${where}`, name.span);
}

/** A priority that a variable holds: a number, or text such as `filter - 10`. */
function splitPriority(priority: Priority): { readonly name?: Written; readonly offset: bigint } {
  const { variable, name, offset = 0n } = priority;
  if (variable === undefined) return name === undefined ? { offset } : { name, offset };
  if (variable.value.kind === 'number') return { offset: variable.value.value };
  const text = nameOf(variable)?.text ?? '';
  const parts = /^\s*(-?\d+)\s*$|^\s*([a-z]+)\s*(?:([+-])\s*(\d+)\s*)?$/.exec(text);
  if (parts === null) return fail('bad-priority', `\`${text}\` is not a priority`, variable.span);
  if (parts[1] !== undefined) return { offset: BigInt(parts[1]) };
  const sum = BigInt(parts[4] ?? 0) * (parts[3] === '-' ? -1n : 1n);
  return { name: { text: parts[2]!, span: variable.span }, offset: sum };
}

/** Where nft's reading of a number is to be reported. */
export type Warner = Pick<TableScope, 'warn'>;

/** `hook` decides which names there are. nft keeps 32 bits of a number, whatever was written. */
export function priorityOf(family: Family, hook: Hook, priority: Priority, warner?: Warner): number {
  const { name, offset } = splitPriority(priority);
  const base = name === undefined ? 0 : priorityByName(family, hook, name.text);
  if (base === undefined) {
    const names = priorityNames(family, hook);
    const message = `\`${name!.text}\` is no priority of hook ${hook} in family ${family} (${names.join(', ')})`;
    return fail('unknown-priority', message, name!.span, suggest(name!.text, name!.span, names));
  }
  const sum = BigInt(base) + offset;
  const kept = BigInt.asIntN(32, sum);
  if (kept !== sum)
    warner?.warn(
      'truncated-number',
      `nft keeps 32 bits of a priority: ${sum} becomes ${kept}`,
      priority.span,
    );
  return Number(kept);
}

const longestDeviceName = 15;
const mostDevices = 255;

interface DeviceNode {
  readonly kind: string;
  readonly span: Span;
  readonly value?: unknown;
  readonly elements?: {
    readonly length: number;
    at(index: number): { readonly key: unknown; readonly data?: unknown };
  };
}

/** A pattern (`eth*`) stands for itself only where it is written, not in a variable. */
function deviceNames(node: DeviceNode, into: Written[], variable: Span | undefined): void {
  const { kind, span, value, elements } = node;
  if (kind === 'variable') deviceNames(value as DeviceNode, into, span);
  else if (elements !== undefined)
    for (let index = 0; index < elements.length; index++) {
      const { key, data } = elements.at(index);
      if (data !== undefined)
        fail('bad-device', 'a device is given by its name, with nothing behind', variable ?? span);
      deviceNames(key as DeviceNode, into, variable);
    }
  else {
    // A variable may hold a number: it is a name of digits.
    const isNumber = variable !== undefined && kind === 'number';
    const name = isNumber ? { text: String(value), span } : nameOf(node);
    if (name === undefined || (variable !== undefined && name.text.endsWith('*')))
      fail('bad-device', 'a device is given by its name', variable ?? span);
    else into.push(name);
  }
}

function listedNames(list: DeviceList | undefined, into: Written[]): void {
  if (list === undefined) return;
  const nodes = ('kind' in list ? [list] : list) as readonly DeviceNode[];
  for (const node of nodes) deviceNames(node, into, undefined);
}

/** The kernel takes one of two names or patterns that could be of one device. */
function checkDevices(names: readonly Written[]): void {
  const bytesOf = (name: string): string => (name.endsWith('*') ? name.slice(0, -1) : `${name}\0`);
  const sorted = names.map((name, index) => ({ ...name, index, bytes: bytesOf(name.text) }));
  sorted.sort((a, b) => (a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : a.index - b.index));
  // What begins with a name follows it at once.
  for (let at = 1; at < sorted.length; at++) {
    const [one, other] = [sorted[at - 1]!, sorted[at]!];
    if (!other.bytes.startsWith(one.bytes)) continue;
    const [first, second] = one.index < other.index ? [one, other] : [other, one];
    const message = `\`${second.text}\` is among the devices already, as \`${first.text}\``;
    fail('bad-device', message, second.span);
  }
}

/** In the order written. */
export function devicesOf(...lists: readonly (DeviceList | undefined)[]): readonly string[] {
  const names: Written[] = [];
  for (const list of lists) listedNames(list, names);
  for (const { text, span } of names)
    if (text.length > longestDeviceName && !text.endsWith('*'))
      fail('name-too-long', `a device's name has at most ${longestDeviceName} characters`, span);
  const surplus = names[mostDevices];
  if (surplus !== undefined)
    fail('bad-device', `a chain or flowtable has at most ${mostDevices} devices`, surplus.span);
  checkDevices(names);
  return names.map(name => name.text);
}

function policyOf({ policy }: ChainDeclaration): BaseChain['policy'] | undefined {
  if (policy === undefined) return undefined;
  if (typeof policy.policy === 'string') return policy.policy;
  const text = nameOf(policy.policy)?.text;
  if (text === 'accept' || text === 'drop') return text;
  return fail('bad-policy', 'a policy is `accept` or `drop`', policy.span);
}

function checkNat(type: ChainType, priority: number, span: Priority['span']): void {
  if (type !== 'nat' || priority > lastPriorityBeforeNat) return;
  fail('nat-priority', `a chain of type nat must have a priority above ${lastPriorityBeforeNat}`, span);
}

const offloadPriorities = { least: 1, most: 0xffff } as const;

/** Which devices can run chains themselves is theirs to know; the loopback interface cannot. */
function checkOffload(family: Family, { hook, priority, devices, span }: BaseChain): void {
  const { least, most } = offloadPriorities;
  const isNetdev = family === 'netdev' && hook === 'ingress';
  if (isNetdev && priority >= least && priority <= most && !devices.includes('lo')) return;
  const message = `devices run chains on hook ingress of family netdev only, with priorities ${least} to ${most}`;
  fail('offload-unsupported', message, span);
}

/** A base chain as its declaration has it. */
function newBaseChain(
  family: Family,
  chain: ChainDeclaration,
  spec: BaseChainSpec,
  warner: Warner,
): BaseChain {
  const hook = hookOf(family, spec.type, spec.hook);
  const priority = priorityOf(family, hook, spec.priority, warner);
  checkNat(spec.type, priority, spec.priority.span);
  const devices = devicesOf(spec.devices, chain.devices);
  if (devices.length > 0 && !takesDevices(hook)) {
    return fail('device-unsupported', `a chain on hook ${hook} is bound to no device`, spec.span);
  }
  const policy = policyOf(chain) ?? defaultPolicy;
  const { span, type } = spec;
  const base: BaseChain = { span, type, hook, priority, devices, policy, offload: chain.offload };
  if (chain.offload) checkOffload(family, base);
  return base;
}

function checkSame(known: BaseChain, given: BaseChain): void {
  const differing = (['type', 'hook', 'priority'] as const).find(name => known[name] !== given[name]);
  if (differing === undefined) return;
  const message = `the chain exists with ${differing} ${known[differing]}, not ${given[differing]}`;
  fail('chain-differs', message, given.span, { notes: [{ message: 'declared here', span: known.span }] });
}

/**
 * What `known` (undefined: no base chain) becomes by a declaration of the same chain. `isNew`: the chain did not exist.
 * Devices are added, the policy is replaced if one is given; all else must agree.
 */
export function applyBaseChain(
  family: Family,
  chain: ChainDeclaration,
  known: BaseChain | undefined,
  isNew: boolean,
  warner: Warner,
): BaseChain | undefined {
  if (!isNew && chain.offload !== (known?.offload ?? false))
    return fail('chain-differs', 'the flag offload of a chain that exists cannot change', chain.name.span);
  if (chain.base === undefined) return withoutSpec(chain, known);
  if (known === undefined && !isNew) {
    return fail('chain-exists', `chain \`${chain.name.text}\` exists and is no base chain`, chain.base.span);
  }
  const given = newBaseChain(family, chain, chain.base, warner);
  if (known === undefined) return given;
  checkSame(known, given);
  return {
    ...known,
    devices: [...new Set([...known.devices, ...given.devices])],
    policy: policyOf(chain) ?? known.policy,
  };
}

function withoutSpec(chain: ChainDeclaration, known: BaseChain | undefined): BaseChain | undefined {
  if (known === undefined && chain.offload)
    return fail('offload-unsupported', 'only a base chain can be run by devices', chain.name.span);
  const policy = policyOf(chain);
  const devices = devicesOf(chain.devices);
  if (policy === undefined && devices.length === 0) return known;
  if (known === undefined) {
    return fail('not-a-base-chain', 'only a base chain has a policy and devices', chain.name.span);
  }
  return {
    ...known,
    devices: [...new Set([...known.devices, ...devices])],
    policy: policy ?? known.policy,
  };
}
