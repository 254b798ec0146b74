// JSON values as text, in the spacing of nft's JSON library.

/** Properties in the order in which they are written. `undefined` leaves a property out. */
export interface JsonObjectOut {
  readonly [name: string]: Json | undefined;
}

export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObjectOut;

export function jsonText(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}: ${jsonText(member)}`],
  );
  return `{${members.join(', ')}}`;
}

const isArray = (value: readonly Json[] | JsonObjectOut): value is readonly Json[] => Array.isArray(value);
