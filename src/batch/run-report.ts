// What became of packets, as JSON: `nft2bpf run --json`, and the output of a request `run`.

import type { CounterReading } from '../lower/linear/eval/index.ts';
import type { IrRuleset } from '../lower/linear/ir.ts';
import { placeText } from '../lower/output/listing.ts';
import { Places } from '../lower/output/places.ts';
import type { Decision } from '../simulate.ts';
import type { SourceFile } from '../source/span.ts';

/** Where each rule stands in the source (`file:line: text`), by its ordinal. */
export type RulePlaces = ReadonlyMap<number, string>;

export function rulePlaces(ir: IrRuleset, sources: readonly SourceFile[]): RulePlaces {
  const rules = ir.tables.flatMap(table => table.chains.flatMap(chain => chain.rules));
  const places = new Places(sources);
  return new Map(rules.map(({ id, span }) => [id, placeText(span, places)]));
}

/** Bytes from hex digits, with white space and colons between them as people paste them. */
export function readHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\s:]/g, '');
  if (digits.length === 0 || digits.length % 2 !== 0 || !/^[\da-f]*$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16));
}

/** A decision on one packet (they count from 1), its rules with their places. */
export function decisionReport(decision: Decision, index: number, places: RulePlaces): object {
  const matched =
    decision.kind === 'decided'
      ? { matched: decision.matched.map(step => ({ ...step, place: places.get(step.rule) })) }
      : {};
  return { packet: index + 1, ...decision, ...matched };
}

/** Numbers of 64 bits are decimal strings. */
export function counterReport(counter: CounterReading, places: RulePlaces): object {
  return {
    ...counter,
    packets: String(counter.packets),
    bytes: String(counter.bytes),
    ...(counter.rule !== undefined && { place: places.get(counter.rule) }),
  };
}
