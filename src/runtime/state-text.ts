// What stands behind the key of an element: `counter packets 3 bytes 120`, `limit rate 5/second`, `quota 1 mbytes used 20
// kbytes`, `timeout 1h`, `expires 20m`, in any order, as in rulesets.

import type {
  ByteAmount,
  ByteUnit,
  LimitArguments,
  NumberLiteral,
  StatefulStatement,
  TimeLiteral,
} from '../ast/nodes/index.ts';
import { fail } from '../ast/type/failure.ts';
import { numberValue, timeValue } from '../nft-grammar/literals.ts';
import { TokenKind } from '../nft-grammar/token.ts';
import type { TokenCursor } from './tokens.ts';

export interface WrittenState {
  readonly timeout?: TimeLiteral;
  readonly expires?: TimeLiteral;
  readonly statements: readonly StatefulStatement[];
}

const byteUnits: readonly string[] = ['bytes', 'kbytes', 'mbytes'];
const periods: readonly string[] = ['second', 'minute', 'hour', 'day', 'week'];

/** What elements have in nft and no map has a place for. */
const placeless: readonly string[] = ['comment', 'ct', 'last'];

function oneOf<T extends string>(tokens: TokenCursor, words: readonly string[]): T {
  const found = words.find(word => tokens.take(word));
  return (found ?? tokens.unexpected(words.map(word => `'${word}'`).join(' or '))) as T;
}

export function numberOf(tokens: TokenCursor, what = 'a number'): NumberLiteral {
  const { kind, text, span } = tokens.token;
  const value = kind === TokenKind.number ? numberValue(text) : undefined;
  if (value === undefined) return tokens.unexpected(what);
  tokens.next();
  return { kind: 'number', text, value, span };
}

function timeOf(tokens: TokenCursor, neverToo: boolean): TimeLiteral {
  const { text, span } = tokens.token;
  const milliseconds = neverToo && tokens.is('never') ? 'never' : timeValue(text);
  if (milliseconds === undefined) return tokens.unexpected('a time');
  tokens.next();
  return { kind: 'time', text, milliseconds, span };
}

function bytesOf(tokens: TokenCursor): ByteAmount {
  return { number: numberOf(tokens), unit: oneOf<ByteUnit>(tokens, byteUnits) };
}

function modeOf(tokens: TokenCursor): { readonly mode?: 'over' | 'until' } {
  if (tokens.take('over')) return { mode: 'over' };
  return tokens.take('until') ? { mode: 'until' } : {};
}

function counter(tokens: TokenCursor): Omit<Extract<StatefulStatement, { kind: 'counter' }>, 'span'> {
  const packets = tokens.take('packets') ? numberOf(tokens) : undefined;
  const bytes = tokens.take('bytes') ? numberOf(tokens) : undefined;
  return { kind: 'counter', ...(packets && { packets }), ...(bytes && { bytes }) };
}

function limit(tokens: TokenCursor): Omit<Extract<StatefulStatement, { kind: 'limit' }>, 'span'> {
  if (!tokens.take('rate')) tokens.unexpected("'rate'");
  const mode = modeOf(tokens);
  const rate = numberOf(tokens);
  const rateUnit = tokens.is('/') ? undefined : oneOf<ByteUnit>(tokens, byteUnits);
  if (!tokens.take('/')) tokens.unexpected("'/'");
  const per = oneOf<LimitArguments['per']>(tokens, periods);
  const facts = { kind: 'limit', ...mode, rate, ...(rateUnit && { rateUnit }), per } as const;
  if (!tokens.take('burst')) return facts;
  const burst = numberOf(tokens);
  const units = rateUnit === undefined ? ['packets'] : byteUnits;
  return { ...facts, burst, burstUnit: oneOf<'packets' | ByteUnit>(tokens, units) };
}

function quota(tokens: TokenCursor): Omit<Extract<StatefulStatement, { kind: 'quota' }>, 'span'> {
  const mode = modeOf(tokens);
  const amount = bytesOf(tokens);
  const used = tokens.take('used') ? bytesOf(tokens) : undefined;
  return { kind: 'quota', ...mode, amount, ...(used && { used }) };
}

const readers = { counter, limit, quota } as const;

function statement(tokens: TokenCursor): StatefulStatement | undefined {
  const { span } = tokens.token;
  const kind = (['counter', 'limit', 'quota'] as const).find(word => tokens.take(word));
  return kind && { ...readers[kind](tokens), span: tokens.spanFrom(span) };
}

/** Reads as much of it as there is. Of several times of one kind the last holds, as in nft. */
export function readState(tokens: TokenCursor): WrittenState {
  const statements: StatefulStatement[] = [];
  let times: Pick<WrittenState, 'timeout' | 'expires'> = {};
  for (;;) {
    const { text, span } = tokens.token;
    if (placeless.some(word => tokens.is(word)))
      fail('unsupported-element', `the map has no place for \`${text}\` of an element`, span);
    if (tokens.take('timeout')) times = { ...times, timeout: timeOf(tokens, true) };
    else if (tokens.take('expires')) times = { ...times, expires: timeOf(tokens, false) };
    else {
      const next = statement(tokens);
      if (next === undefined) return { ...times, statements };
      statements.push(next);
    }
  }
}
