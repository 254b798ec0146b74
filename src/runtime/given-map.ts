// Maps as callers have them: of a translation, or out of the manifest, where bytes are base64 and 64-bit numbers text.

import { fromBase64 } from '../lower/output/base64.ts';
import type { ManifestCarried, ManifestMap } from '../lower/output/manifest.ts';
import type { BpfMap, CarriedRole, CarriedStatement } from '../lower/program.ts';
import { failure, type Result } from './result.ts';

/** A map of a translation or of a manifest; `keys` and `values` are its contents, whoever put them there. */
export type GivenMap =
  | BpfMap
  | (Omit<ManifestMap, 'keys' | 'values'> & {
      readonly keys: string | Uint8Array;
      readonly values: string | Uint8Array;
    });

function bytesOf(column: string | Uint8Array): Uint8Array | undefined {
  return typeof column === 'string' ? fromBase64(column) : column;
}

const wideNumbers: ReadonlySet<string> = new Set(['packets', 'bytes', 'rate', 'unit', 'consumed']);

function carriedOf({ statements, ...carried }: ManifestCarried | CarriedRole): CarriedRole {
  const read = (statement: ManifestCarried['statements'][number] | CarriedStatement): CarriedStatement => {
    const members = Object.entries(statement).map(([name, value]) => [
      name,
      wideNumbers.has(name) ? BigInt(value) : value,
    ]);
    return Object.fromEntries(members) as CarriedStatement;
  };
  return { ...carried, statements: statements.map(read) };
}

function roleOf({ role }: GivenMap): BpfMap['role'] {
  if (role.kind === 'set') {
    const { carried, ...rest } = role;
    return carried === undefined ? rest : { ...rest, carried: carriedOf(carried) };
  }
  if (role.kind !== 'rule_counters') return role;
  const slots = role.slots.map(slot => ({
    ...slot,
    packets: BigInt(slot.packets),
    bytes: BigInt(slot.bytes),
  }));
  return { kind: role.kind, slots: slots as Extract<BpfMap['role'], { kind: 'rule_counters' }>['slots'] };
}

/** The map as a translation gives it, or that its contents are not what they should be. */
export function readMap(given: GivenMap): Result<BpfMap> {
  const { name, type, count, keySize, valueSize, maxEntries, flags } = given;
  const [keys, values] = [bytesOf(given.keys), bytesOf(given.values)];
  const fits = keys?.length === count * keySize && values?.length === count * valueSize;
  if (!fits)
    return failure('wrong-contents', `map \`${name}\`: keys and values are not those of ${count} entries`);
  const role = roleOf(given);
  const sizes = { type: type as BpfMap['type'], keySize, valueSize, maxEntries, flags };
  return { ok: true, value: { name, ...sizes, count, keys, values, role } };
}
