// IPv4, IPv6 and link layer addresses as numbers.

import { parseNumber, plainDecimal } from './number.ts';

/** Four bytes in decimal, as nearly all addresses are written; -1 of other forms. */
function dottedQuad(text: string): number {
  let address = 0;
  let from = 0;
  for (let left = 3; left >= 0; left--) {
    const to = left === 0 ? text.length : text.indexOf('.', from);
    const byte = to < 0 ? -1 : plainDecimal(text, from, to);
    if (byte < 0 || byte > 255) return -1;
    address = address * 256 + byte;
    from = to + 1;
  }
  return address;
}

/**
 * An IPv4 address in the forms inet_aton(3) takes: one to four numbers, decimal, octal or hexadecimal, of which the
 * last fills the bytes that are left. `undefined` if `text` is none.
 */
export function parseIpv4(text: string): bigint | undefined {
  const usual = dottedQuad(text);
  if (usual >= 0) return BigInt(usual);
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  let address = 0n;
  for (const [index, part] of parts.entries()) {
    const number = parseNumber(part);
    if (number === undefined) return undefined;
    const bytes = index === parts.length - 1 ? 5 - parts.length : 1;
    if (number >> BigInt(8 * bytes) !== 0n) return undefined;
    address = (address << BigInt(8 * bytes)) | number;
  }
  return address;
}

function parseGroups(text: string): readonly bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      // Here inet_pton(3) takes four decimal numbers without leading zeros.
      if (!/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){3}$/.test(part)) return undefined;
      const embedded = parseIpv4(part);
      if (embedded === undefined) return undefined;
      groups.push(embedded >> 16n, embedded & 0xffffn);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function joinGroups(groups: readonly bigint[]): bigint {
  return groups.reduce((address, group) => (address << 16n) | group, 0n);
}

/** An IPv6 address (RFC 4291, 2.2). `undefined` if `text` is none. */
export function parseIpv6(text: string): bigint | undefined {
  const gap = text.indexOf('::');
  if (gap < 0) {
    const groups = text.includes(':') ? parseGroups(text) : undefined;
    return groups?.length === 8 ? joinGroups(groups) : undefined;
  }
  const head = parseGroups(text.slice(0, gap));
  const tail = parseGroups(text.slice(gap + 2));
  if (head === undefined || tail === undefined || text.slice(0, gap).includes('.')) return undefined;
  const missing = 8 - head.length - tail.length;
  if (missing < 1) return undefined;
  return (joinGroups(head) << BigInt(16 * (missing + tail.length))) | joinGroups(tail);
}

/** The IPv4 address that an IPv6 address of the form ::ffff:0:0/96 stands for; `undefined` if `text` is none. */
export function parseMapped(text: string): bigint | undefined {
  const address = parseIpv6(text);
  return address !== undefined && address >> 32n === 0xffffn ? BigInt.asUintN(32, address) : undefined;
}

/** Bytes in hexadecimal, one character between them: `00:11:22:33:44:55`, `aa`. `undefined` if `text` is none. */
export function parseLinkLayerAddress(text: string): bigint | undefined {
  if (!/^(?:0[xX])?[0-9a-fA-F]{1,2}(?:[^0-9a-fA-F](?:0[xX])?[0-9a-fA-F]{1,2})*$/.test(text)) return undefined;
  return text
    .split(/[^0-9a-fA-FxX]/)
    .reduce((address, byte) => (address << 8n) | BigInt(Number.parseInt(byte, 16)), 0n);
}
