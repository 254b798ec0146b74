// Values as nft prints them: every part as a number of its full width in hexadecimal, in groups of four bytes. The byte
// order of a part is not printed, it decides only which byte comes first.

import type { Register, Value, ValuePart, Verdict } from './ir.ts';

const hexadecimal: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** Bytes from one part to the next: parts start on 4-byte boundaries. */
export function paddedLength(length: number): number {
  return (length + 3) & ~3;
}

function partText(bytes: Uint8Array, start: number, part: ValuePart, prefix: string): string {
  let text = '';
  for (let index = 0; index < part.length; index++) {
    if (index % 4 === 0) text += index === 0 ? prefix : ` ${prefix}`;
    const at = part.order === 'host' ? part.length - 1 - index : index;
    text += hexadecimal[bytes[start + at] ?? 0];
  }
  return text;
}

/** The value that starts at `start`; `prefix` stands before each group of digits. */
export function bytesText(
  bytes: Uint8Array,
  start: number,
  parts: readonly ValuePart[],
  prefix: '0x' | '',
): string {
  const texts: string[] = [];
  let at = start;
  for (const part of parts) {
    texts.push(partText(bytes, at, part, prefix));
    at += paddedLength(part.length);
  }
  return texts.join(' . ');
}

export function valueText(value: Value): string {
  return bytesText(value.bytes, 0, value.parts, '0x');
}

/** The kernel's name of a register: whole 16-byte registers are 1-4, their other words 9-11, 13-15 and so on. */
export function registerText(register: Register): string {
  return `reg ${registerNumber(register)}`;
}

export function registerNumber(register: Register): number {
  return register % 4 === 0 ? register / 4 + 1 : register + 8;
}

/** Names of chains that rules make begin with a brace, which no name that is written can. */
export function verdictText(verdict: Verdict): string {
  const isNamed = 'chain' in verdict && !verdict.chain.startsWith('{');
  return isNamed ? `${verdict.kind} -> ${verdict.chain}` : verdict.kind;
}
