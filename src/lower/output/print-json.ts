// JSON for people: what fits a line stands on one, so that lists of numbers do not become columns.

const lineLength = 100;

type Json = unknown;

function isShort(value: Json, text: string, indent: number): boolean {
  return typeof value !== 'object' || value === null || text.length + indent <= lineLength;
}

/** One-line text with a space after colons and commas. */
function inline(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${inline(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function block(open: string, lines: readonly string[], close: string, indent: number): string {
  const pad = ' '.repeat(indent + 2);
  return `${open}\n${lines.map(line => pad + line).join(',\n')}\n${' '.repeat(indent)}${close}`;
}

/** Prints plain data (no bigints, no bytes) as JSON. Members keep the order of the object. */
export function printJson(value: Json, indent = 0): string {
  const text = inline(value);
  if (isShort(value, text, indent)) return text;
  if (Array.isArray(value)) {
    const items = value.map(item => printJson(item, indent + 2));
    return block('[', items, ']', indent);
  }
  const members = Object.entries(value as object).map(
    ([key, member]) => `${JSON.stringify(key)}: ${printJson(member, indent + 2)}`,
  );
  return block('{', members, '}', indent);
}
