// Data in a form that is equal where nf_tables would be given the same: members in order of their names, elements of sets in
// order of their keys and each once.

import type { Elements, Expression } from '../linear/ir.ts';

/** Members that are not sent to the kernel, or that only tell things apart. */
const ignored: ReadonlySet<string> = new Set([
  'id',
  'handle',
  'span',
  'spans',
  'origins',
  'registered',
  'typeof',
]);

const digits: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += digits[byte];
  return text;
}

/** Any data as text, members in order of their names. */
export function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Map) return textOf([...value]);
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).filter(([key, member]) => member !== undefined && !ignored.has(key));
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${key}:${textOf(member)}`)
    .join()}}`;
}

/** The part of a column that belongs to an element. */
function columnTexts(column: Uint8Array | undefined, count: number): (index: number) => string {
  if (column === undefined || count === 0) return () => '';
  const all = hex(column);
  const width = all.length / count;
  return index => all.slice(index * width, (index + 1) * width);
}

/**
 * The elements of a set. They have the set's own statements, `expressions`, whether these are said again or not.
 */
export function elementTexts(
  { count, keys, keyEnds, flags, data, verdicts, objects, extras }: Elements,
  expressions: readonly Expression[] | undefined,
): readonly string[] {
  const columns = [keys, keyEnds, data].map(column => columnTexts(column, count));
  const extrasText = (
    extra: NonNullable<ReturnType<NonNullable<Elements['extras']>['get']>> = {},
  ): string => {
    const isSame = textOf(extra.expressions) === textOf(expressions);
    return textOf({ ...extra, expressions: isSame ? undefined : extra.expressions });
  };
  const plain = extrasText();
  const texts = new Set<string>();
  for (let index = 0; index < count; index++) {
    const extra = extras?.get(index);
    const own = [
      flags[index],
      textOf(verdicts?.[index]),
      objects?.[index],
      extra ? extrasText(extra) : plain,
    ];
    texts.add([...columns.map(at => at(index)), ...own].join(' '));
  }
  return [...texts].sort();
}
