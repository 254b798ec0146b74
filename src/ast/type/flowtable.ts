// Flowtables: which devices they are on, and at which priority.

import { devicesOf, priorityOf, type Warner } from '../apply/base-chain.ts';
import type { FlowtableDeclaration } from '../nodes/index.ts';
import { fail } from './failure.ts';
import type { TypedFlowtable } from './typed.ts';

/** Whatever the table's family, a flowtable is on the ingress hook of devices. */
export function typedFlowtable(declaration: FlowtableDeclaration, warner: Warner): TypedFlowtable {
  const { name, priority, devices, counter, offload } = declaration;
  return {
    name: name.text,
    span: name.span,
    priority: priority === undefined ? 0 : priorityOf('netdev', 'ingress', priority, warner),
    devices: devicesOf(devices),
    counter,
    offload,
  };
}

/**
 * A flowtable that is declared again: more devices, and whether it counts (nft_flowtable_update in the kernel's
 * net/netfilter/nf_tables_api.c).
 */
export function withFlowtable(
  known: TypedFlowtable,
  given: TypedFlowtable,
  { name, hook }: FlowtableDeclaration,
): TypedFlowtable {
  if (hook !== undefined && given.priority !== known.priority)
    fail('flowtable-differs', 'the priority of a flowtable that exists cannot change', name.span);
  if (given.offload !== known.offload)
    fail('flowtable-differs', 'the flag offload of a flowtable that exists cannot change', name.span);
  const devices = [...new Set([...known.devices, ...given.devices])];
  return { ...known, devices, counter: given.counter };
}
