// Types that only lifting knows, and questions about types.

import {
  bitmaskType,
  type Datatype,
  integerType,
  ipv4AddressType,
  ipv6AddressType,
} from '../../model/datatype.ts';

/** Of what is read at a place that is no known field: its numbers are listed in hexadecimal. */
export const rawType: Datatype = { ...integerType, base: integerType };

export function isString(type: Datatype): boolean {
  return type.class === 'string';
}

/** A type of named bits. */
export function isFlags(type: Datatype): boolean {
  return type.base === bitmaskType;
}

/** Ranges of these are listed as prefixes where they are some. */
export function hasPrefixes(type: Datatype): boolean {
  return type === ipv4AddressType || type === ipv6AddressType;
}
