// The key under which judges count a logged packet.

import { toHex } from '../../model/bytes.ts';

/** Drawn statements ask for at least so many bytes. */
const comparedBytes = 64;

export function logKey(prefix: string, mark: number, data: Uint8Array): string {
  return `log ${JSON.stringify(prefix)} mark ${mark} ${toHex(data.subarray(0, comparedBytes))}`;
}

/** The nfnetlink_log groups that a ruleset's text names. */
export function groupsOf(ruleset: string): number[] {
  return [...ruleset.matchAll(/\blog\b[^;\n}]*\bgroup (\d+)/g)].map(match => Number(match[1]));
}
