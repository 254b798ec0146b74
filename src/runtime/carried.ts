// What new elements may carry: the statements that the programs run for all elements of the set, and times where the map has
// a place for them.

import { checkStatements, checkTimes } from '../ast/type/element-state.ts';
import { fail } from '../ast/type/failure.ts';
import { evaluateStateful } from '../ast/type/stateful.ts';
import type { TypedElement, TypedStateful } from '../ast/type/typed.ts';
import type { CarriedStatement, SetRole } from '../lower/program.ts';
import type { Span } from '../source/span.ts';
import { declaredStatements } from './carried-form.ts';
import type { SetForm } from './set-form.ts';
import type { WrittenState } from './state-text.ts';

export type Extras = NonNullable<TypedElement['extras']>;

/** What programs have in their code: not what they count. */
function settingsOf(statement: TypedStateful | CarriedStatement): string {
  const { kind } = statement;
  if (kind === 'limit') {
    const { rate, unit, burst, type, over } = statement;
    return `${kind} ${rate} ${unit} ${burst} ${type} ${over}`;
  }
  return kind === 'quota' ? `${kind} ${statement.bytes} ${statement.over}` : kind;
}

/** Programs run the same statements for all elements. */
function checkSettings({ role, name }: SetForm, given: readonly TypedStateful[], span: Span): void {
  const { statements = [], declared = false } = role.carried ?? {};
  if (given.length === 0 && declared) return;
  const other = given.find((each, index) => {
    const known = statements[index];
    return known === undefined || settingsOf(each) !== settingsOf(known);
  });
  const place = other?.span ?? span;
  if (other !== undefined)
    fail('unsupported-element', `the programs do not run this statement for elements of \`${name}\``, place);
  if (given.length < statements.length)
    fail(
      'unsupported-element',
      `the programs want all elements of \`${name}\` to have the same statements`,
      place,
    );
}

/** Numbers that nft cuts short are cut short here, too. */
const silent = { warn: () => undefined };

function timesOf({ timeout, expires }: WrittenState): Extras {
  const left = expires?.milliseconds;
  return {
    ...(timeout && { timeout: timeout.milliseconds }),
    ...(typeof left === 'bigint' && { expires: left }),
  };
}

/** Milliseconds; 0 of an element that never expires. */
export function timeoutOf({ timeout: usual = 0 }: SetRole, { timeout = 0n }: Extras): bigint {
  if (timeout === 'never') return 0n;
  return timeout === 0n ? BigInt(usual) : timeout;
}

/** As nf_tables has it, and then as the map has a place for it. */
function checkExpiry({ role }: SetForm, written: WrittenState, times: Extras, span: Span): void {
  const { flags, carried, timeout: standard } = role;
  const timeouts = standard === undefined ? {} : { standard: BigInt(standard) };
  checkTimes(written, flags.includes('timeout') || standard !== undefined ? timeouts : undefined);
  if (carried?.expires === undefined && timeoutOf(role, times) > 0n) {
    const place = (written.timeout ?? written.expires)?.span ?? span;
    fail('unsupported-element', 'the map has no place for the time at which an element expires', place);
  }
}

/** What an element says of itself, or why it cannot be in the set (`fail`). Of one that is `removed` it does not matter. */
export function checkedState(
  set: SetForm,
  written: WrittenState,
  removed: boolean,
  span: Span,
): Extras | undefined {
  const { role } = set;
  const statements = written.statements.map(each => evaluateStateful(silent, each));
  const facts = { isMap: role.data !== undefined, anonymous: false, dynamic: role.flags.includes('dynamic') };
  checkStatements({ ...facts, statements: declaredStatements(role) }, { span }, statements);
  if (removed) return undefined;
  checkSettings(set, statements, span);
  const times = timesOf(written);
  checkExpiry(set, written, times, span);
  const isPlain = statements.length === 0 && Object.keys(times).length === 0;
  return isPlain ? undefined : { ...times, ...(statements.length > 0 && { statements }) };
}
