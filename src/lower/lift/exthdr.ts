// Options and extension headers: which field of which one is loaded.

import { booleanType, integerType, invalidType } from '../../model/datatype.ts';
import { arrayField, type OptionHeader, optionHeaders } from '../../model/option-header.ts';
import type { HeaderField } from '../../model/protocol.ts';
import type { Expression } from '../linear/ir.ts';
import { lowestOne, lowestZero } from './bits.ts';
import type { Constant, Exthdr } from './tree.ts';

/** TCP options by number, each by the name that nft lists. */
const tcpOptionNames = 'eol nop maxseg window sack-perm sack timestamp md5sig mptcp fastopen'.split(' ');

const arrayLength = 2;

function headersOf({ space, number }: Pick<Exthdr, 'space' | 'number'>): readonly OptionHeader[] {
  if (space === 'dccp') return [];
  const all = [...optionHeaders[space].values()].filter(header => header.type === number);
  if (space === 'tcpopt')
    return all.filter(({ name }) => tcpOptionNames.includes(name) || /^sack\d$/.test(name));
  // Of the routing header's forms the plain one is tried first, then nft's order.
  const order = ['rt', 'srh', 'rt0', 'rt2'];
  return [...all].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

function fieldsOf(header: OptionHeader): readonly HeaderField[] {
  const indexes =
    header.array === undefined ? [] : Array.from({ length: arrayLength }, (_, index) => index + 1);
  return [...header.fields.values(), ...indexes.flatMap(index => arrayField(header, index) ?? [])];
}

/** Finds the field at this offset, of this width; without one the option stays known by its number. */
function resolve(exthdr: Exthdr): void {
  const headers = headersOf(exthdr);
  exthdr.header = headers[0];
  exthdr.field = undefined;
  for (const header of headers) {
    const field = fieldsOf(header).find(
      ({ offset, length }) => offset === exthdr.offset && length === exthdr.bits,
    );
    if (field === undefined) continue;
    exthdr.header = header;
    exthdr.field = field;
    break;
  }
  const plain = exthdr.space === 'ipv6' || exthdr.space === 'ipv4' ? invalidType : integerType;
  exthdr.type = exthdr.present ? booleanType : (exthdr.field?.type ?? plain);
}

export function exthdrTree({
  header,
  type,
  offset,
  length,
  present,
}: Pick<
  Extract<Expression, { readonly op: 'exthdr' }>,
  'header' | 'type' | 'offset' | 'length' | 'present'
>): Exthdr {
  const exthdr: Exthdr = {
    kind: 'exthdr',
    space: header,
    number: type,
    offset: offset * 8,
    bits: length * 8,
    present,
    type: integerType,
    order: 'network',
  };
  resolve(exthdr);
  return exthdr;
}

/** A place in a TCP option; offset and width in bits. */
export function tcpOptionTree(number: number, offset: number, bits: number): Exthdr {
  const exthdr: Exthdr = {
    kind: 'exthdr',
    space: 'tcpopt',
    number,
    offset,
    bits,
    present: false,
    type: integerType,
    order: 'network',
  };
  resolve(exthdr);
  return exthdr;
}

/** Bits that values are shifted down by if the mask over `exthdr` makes a field of it; `undefined` if the mask stays. */
export function trimExthdr(exthdr: Exthdr, mask: Constant): number | undefined {
  const { space } = exthdr;
  if (space === 'sctp' || space === 'dccp' || (space !== 'ipv6' && exthdr.field !== undefined))
    return undefined;
  const first = lowestOne(mask.value);
  const end = lowestZero(mask.value, first + 1);
  const trimmed: Exthdr = {
    ...exthdr,
    offset: exthdr.offset + Math.ceil(mask.bits / 8) * 8 - end,
    bits: end - first,
    present: false,
  };
  resolve(trimmed);
  // Of IPv6 headers nft forgets the field that it had, if there is none for the mask.
  if (trimmed.field === undefined && space !== 'ipv6') return undefined;
  Object.assign(exthdr, trimmed);
  return trimmed.field === undefined ? undefined : first;
}
