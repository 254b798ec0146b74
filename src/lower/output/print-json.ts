// JSON for people: what fits a line stands on one, so that lists of numbers do not become columns.

const lineLength = 120;

/** Parts within brackets, on one line if none of them is broken and all fit. */
function bracket(open: string, parts: readonly string[], close: string, gap: string, indent: number): string {
  if (parts.length === 0) return open + close;
  const line = open + gap + parts.join(', ') + gap + close;
  if (line.length + indent <= lineLength && !line.includes('\n')) return line;
  const pad = ' '.repeat(indent + 2);
  return `${open}\n${parts.map(part => pad + part).join(',\n')}\n${' '.repeat(indent)}${close}`;
}

/** Prints plain data (no bigints, no bytes) as JSON. Members keep the order of the object. */
export function printJson(value: unknown, indent = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = indent + 2;
  if (Array.isArray(value)) {
    const items = value.map(item => printJson(item, inner));
    return bracket('[', items, ']', '', indent);
  }
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${printJson(member, inner)}`,
  );
  return bracket('{', members, '}', ' ', indent);
}
