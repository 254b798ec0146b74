// A ruleset's JSON, as nft lists it and as we write it: one text for each object, so that they compare one by one. What
// the kernel goes on counting is left out: handles of tables, and the time that an element has left.

const isCounted = (name: string, isTable: boolean): boolean =>
  name === 'expires' || (isTable && name === 'handle');

function settled(value: unknown, isTable = false): unknown {
  if (Array.isArray(value)) return value.map(each => settled(each));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name]) => !isCounted(name, isTable))
    .map(
      ([name, member]) =>
        [name, name === 'last' ? lastUse(member) : settled(member, name === 'table')] as const,
    );
  return plainElement(Object.fromEntries(entries));
}

/** The time since the last use goes on between loading and listing. */
const lastUse = (value: unknown): unknown => (value === null ? null : 'used');

/** An element that had nothing but its time is its key. */
function plainElement(value: Readonly<Record<string, unknown>>): unknown {
  const inner = value['elem'];
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return value;
  const keys = Object.keys(inner);
  return keys.length === 1 && keys[0] === 'val' ? (inner as { readonly val: unknown }).val : value;
}

/** The objects of a listing but for `metainfo`. The order of properties counts, too. */
export function objectsOf(json: string): readonly string[] {
  const { nftables } = JSON.parse(json) as { readonly nftables: readonly object[] };
  return nftables.filter(item => !('metainfo' in item)).map(item => JSON.stringify(settled(item)));
}

/** The first objects that are not equal, if there are any. */
export function firstDifference(expected: string, actual: string): readonly [string, string] | undefined {
  const wanted = objectsOf(expected);
  const given = objectsOf(actual);
  const length = Math.max(wanted.length, given.length);
  for (let index = 0; index < length; index++)
    if (wanted[index] !== given[index]) return [wanted[index] ?? '(end)', given[index] ?? '(end)'];
  return undefined;
}

const integers = /(?<=[:[,])\d+(?=[,}\]])/g;
const swapped = (number: number): number => ((number & 0xff) << 8) | (number >> 8);

/** True if they differ in 16-bit numbers only, whose bytes nft has the wrong way round (symbols, where it lists numbers). */
export function isMisordered([nft, ours]: readonly [string, string]): boolean {
  if (nft.replace(integers, '0') !== ours.replace(integers, '0')) return false;
  const given = (ours.match(integers) ?? []).map(Number);
  return (nft.match(integers) ?? [])
    .map(Number)
    .every((number, index) => number === given[index] || swapped(number) === given[index]);
}
