// JSON values into the types of options. What does not fit is a `WrongOption`.

import { WrongOption } from './wrong-option.ts';

/** Reads the value of an option called `name`. */
export type Reader<T> = (value: unknown, name: string) => T;

/** Values as they are shown in messages: short, and never a whole ruleset. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

export function wrong(name: string, wanted: string, value: unknown): never {
  throw new WrongOption(name, `wants ${wanted}, not ${shown(value)}`);
}

export const text: Reader<string> = (value, name) =>
  typeof value === 'string' ? value : wrong(name, 'a string', value);

export const flag: Reader<boolean> = (value, name) =>
  typeof value === 'boolean' ? value : wrong(name, 'true or false', value);

export function integer(least: number, most: number): Reader<number> {
  return (value, name) => {
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    return fits ? value : wrong(name, `a whole number from ${least} to ${most}`, value);
  };
}

export const unsigned: Reader<number> = integer(0, 0xffffffff);

export function choice<T extends string>(choices: readonly T[]): Reader<T> {
  return (value, name) =>
    choices.find(candidate => candidate === value) ?? wrong(name, `one of ${choices.join(', ')}`, value);
}

export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, name) =>
    Array.isArray(value)
      ? value.map((one, index) => item(one, `${name}[${index}]`))
      : wrong(name, 'an array', value);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of an object, whatever they are called. */
export function entries<T>(item: Reader<T>): Reader<readonly (readonly [string, T])[]> {
  return (value, name) =>
    isObject(value)
      ? Object.entries(value).map(([key, one]) => [key, item(one, `${name}.${key}`)] as const)
      : wrong(name, 'an object', value);
}

/** An object as a table from names to values. It has no prototype, so every name is only a name. */
export function record<T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> {
  const read = entries(item);
  return (value, name) =>
    Object.assign(Object.create(null) as Record<string, T>, Object.fromEntries(read(value, name)));
}

/** An object of known members, each of which may be left out. */
export function members<T extends object>(
  readers: {
    readonly [K in keyof T]-?: Reader<NonNullable<T[K]>>;
  },
): Reader<Partial<T>> {
  return (value, name) => {
    if (!isObject(value)) return wrong(name, 'an object', value);
    const result: Partial<T> = {};
    for (const [key, one] of Object.entries(value)) {
      if (!Object.hasOwn(readers, key)) throw new WrongOption(`${name}.${key}`, 'is not known');
      const known = key as keyof T & string;
      result[known] = readers[known](one, `${name}.${key}`);
    }
    return result;
  };
}

/** JSON whose numbers are not those that were written any more. */
export class InexactNumber extends Error {}

/** The text of data that came as JSON. Reading has rounded numbers that a double does not hold: throws `InexactNumber`. */
export function exactJson(value: unknown, name: string): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'number' && Math.abs(one) > Number.MAX_SAFE_INTEGER)
      throw new InexactNumber(`${name} has a number above 2^53 - 1: give it as a string, not as an object`);
    return one;
  });
}
