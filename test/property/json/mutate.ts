// Damaged libnftables JSON: still JSON, but properties are gone, moved, renamed, doubled, of another type.

import type { Random } from '../../support/random.ts';

const words =
  `ip ip6 inet netdev accept drop add delete set map elem val counter match meta payload tcp @s @m * c t lo
  22 0x16 1.2.3.4 ::1 mark key established second packets bytes prefix range concat typeof ipv4_addr jump target name
  handle index comment policy flags interval timeout`
    .split(/\s+/)
    .concat('');
const values: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => 1,
  () => -1,
  () => 4294967296,
  () => 1.5,
  () => 'x',
  () => [],
  () => ({}),
  () => [1, 2],
  () => ({ set: [1] }),
];

type Node = Record<string, unknown> | unknown[];

function nodesIn(value: unknown, into: Node[] = []): Node[] {
  if (typeof value !== 'object' || value === null) return into;
  into.push(value as Node);
  for (const inner of Object.values(value)) nodesIn(inner, into);
  return into;
}

/** One change at `key` of `node`. */
function change(random: Random, node: Node, key: string, all: readonly Node[]): void {
  const record = node as Record<string, unknown>;
  const remove = (): void => {
    if (Array.isArray(node)) node.splice(Number(key), 1);
    else delete record[key];
  };
  const actions: readonly (() => void)[] = [
    remove,
    () => {
      record[key] = random.pick(values)();
    },
    () => {
      record[key] = random.pick(words);
    },
    () => {
      record[key] = { [random.pick(words)]: record[key] };
    },
    () => {
      record[key] = structuredClone(random.pick(all));
    },
    () => {
      if (Array.isArray(node)) node.push(record[key]);
      else record[random.pick(words)] = record[key];
    },
    () => {
      if (Array.isArray(node)) return node.splice(Number(key), 0, random.pick(values)());
      record[random.pick(words)] = record[key];
      return remove();
    },
  ];
  random.pick(actions)();
}

/** The JSON of a listing with one or two changes. */
export function damaged(random: Random, listing: string): string {
  const root = JSON.parse(listing) as { nftables: Record<string, unknown>[] };
  root.nftables = root.nftables.filter(item => !('metainfo' in item));
  for (let times = random.below(2); times >= 0; times--) {
    const all = nodesIn(root.nftables).slice(1);
    const filled = all.filter(node => Object.keys(node).length > 0);
    if (filled.length === 0) break;
    const node = random.pick(filled);
    change(random, node, random.pick(Object.keys(node)), all);
  }
  return JSON.stringify(root);
}
