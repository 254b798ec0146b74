// What `reset` leaves: counters without packets, quotas of which nothing is used.

import type { TypedElement, TypedObject, TypedRule, TypedStateful, TypedStatement } from './typed.ts';

function zeroed<T extends TypedStatement | TypedStateful>(statement: T): T {
  if (statement.kind === 'counter') return { ...statement, packets: 0n, bytes: 0n };
  return statement.kind === 'quota' ? { ...statement, consumed: 0n } : statement;
}

/** The rule is the same one: it keeps its identity, but no longer its template. */
export function zeroedRule({ id, span, statements, comment }: TypedRule): TypedRule {
  return { id, span, statements: statements.map(zeroed), ...(comment !== undefined && { comment }) };
}

export function zeroedObject(object: TypedObject): TypedObject {
  return object.state === undefined ? object : { ...object, state: zeroed(object.state) };
}

export function zeroedElement(element: TypedElement): TypedElement {
  const { extras } = element;
  if (extras?.statements === undefined) return element;
  return { ...element, extras: { ...extras, statements: extras.statements.map(zeroed) } };
}
