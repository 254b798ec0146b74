// Durations, hours and dates.

import { parseDecimal, saturated } from './number.ts';

const unitMilliseconds = new Map([
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1_000n],
  ['ms', 1n],
]);

/** `1d2h3m4s5ms`, each unit at most once and of at most eight digits, or seconds. In milliseconds. */
export function parseDuration(text: string): bigint | undefined {
  const seconds = parseDecimal(text);
  if (seconds !== undefined) return text.length <= 8 ? seconds * 1000n : undefined;
  return /^(?:\d{1,8}(?:ms|[dhms]))+$/.test(text) ? sumOfUnits(text) : undefined;
}

/** Of an hour that is written as a duration units may lack their digits, and digits behind the last one say nothing. */
function parseLooseDuration(text: string): bigint | undefined {
  return /^(?:\d{0,8}(?:ms|[dhms]))+\d*$/.test(text) ? sumOfUnits(text) : undefined;
}

/** Undefined if a unit stands twice. */
function sumOfUnits(text: string): bigint | undefined {
  const seen = new Set<string>();
  let total = 0n;
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d*)(ms|[dhms])/g)) {
    if (seen.has(unit)) return undefined;
    seen.add(unit);
    total += BigInt(digits) * (unitMilliseconds.get(unit) ?? 0n);
  }
  return total;
}

const daySeconds = 86_400;

/** `HH:MM[:SS]` of local time as seconds since midnight UTC; of plain numbers 32 bits are kept. `offset` in minutes. */
export function parseHour(text: string, offset: number): bigint | undefined {
  const plain = parseDecimal(text);
  if (plain !== undefined) return BigInt.asUintN(32, saturated(plain));
  const local = localSeconds(text);
  if (local === undefined) return undefined;
  return BigInt((((local - offset * 60) % daySeconds) + daySeconds) % daySeconds);
}

function localSeconds(text: string): number | undefined {
  const clock = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text);
  if (clock === null) {
    const duration = parseLooseDuration(text);
    return duration === undefined ? undefined : Number(duration / 1000n);
  }
  const [hours = 0, minutes = 0, seconds = 0] = clock.slice(1).map(part => Number(part ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  return hours * 3600 + minutes * 60 + seconds;
}

/** `YYYY-MM-DD[ HH:MM[:SS]]` of local time, or seconds since 1970, in nanoseconds since 1970. `offset` in minutes. */
export function parseDate(text: string, offset: number): bigint | undefined {
  const plain = parseDecimal(text);
  if (plain !== undefined) return BigInt.asUintN(64, plain * 1_000_000_000n);
  const form = /^(\d{1,4})-(\d{1,2})-(\d{1,2})(?:\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?/.exec(text);
  if (form === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = form
    .slice(1)
    .map(part => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - offset * 60;
  return BigInt.asUintN(64, BigInt(seconds) * 1_000_000_000n);
}
