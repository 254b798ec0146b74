// Flowtables: which devices they are on, and at which priority.

import { devicesOf, priorityOf } from '../apply/base-chain.ts';
import type { FlowtableDeclaration } from '../nodes/index.ts';
import type { TypedFlowtable } from './typed.ts';

/** Whatever the table's family, a flowtable is on the ingress hook of devices. */
export function typedFlowtable(declaration: FlowtableDeclaration): TypedFlowtable {
  const { name, priority, devices, counter, offload } = declaration;
  return {
    name: name.text,
    span: name.span,
    priority: priority === undefined ? 0 : priorityOf('netdev', 'ingress', priority),
    devices: devicesOf(devices),
    counter,
    offload,
  };
}
