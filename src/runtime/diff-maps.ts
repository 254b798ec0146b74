// Maps of two rulesets: whether one can go on as the other, and the updates that make it so.

import type { BpfMap, SetRole } from '../lower/program.ts';
import { sameBytes } from './entries.ts';
import { mapForm } from './set-form.ts';
import { type Plan, planUpdates } from './updates.ts';

const shapes = ['type', 'keySize', 'valueSize', 'flags'] as const;

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member)) ?? '';

function verdictsOf({ data }: SetRole): unknown {
  if (data?.kind === 'object') return data.objects;
  return data?.kind === 'verdict' ? data.verdicts : [];
}

/** A larger set needs a larger map; one that was made larger for its contents does as long as these fit. */
function hasOtherRoom(before: BpfMap, after: BpfMap): boolean {
  if (before.maxEntries === after.maxEntries) return false;
  const sizes = [before.role, after.role].map(role => (role.kind === 'set' ? role.size : undefined));
  return after.role.kind !== 'set' || sizes[0] !== sizes[1] || after.count > before.maxEntries;
}

function setObstacle(before: SetRole, after: SetRole): string | undefined {
  const name = ({ family, table, set }: SetRole): string => `${family} ${table} ${set}`;
  if (name(before) !== name(after)) return `is set ${name(after)} now, it was ${name(before)}`;
  if (textOf(verdictsOf(before)) !== textOf(verdictsOf(after))) return 'gives verdicts of other chains';
  return textOf(before) === textOf(after) ? undefined : 'is of another type';
}

/** What keeps the loaded map from being used as `after`, behind its name; undefined if nothing does. */
export function mapObstacle(before: BpfMap, after: BpfMap): string | undefined {
  if (before.role.kind !== after.role.kind) return 'is for something else';
  if (before.role.kind === 'set' && after.role.kind === 'set') {
    const obstacle = setObstacle(before.role, after.role);
    if (obstacle !== undefined) return obstacle;
  }
  if (shapes.some(member => before[member] !== after[member])) return 'has entries of another form';
  if (hasOtherRoom(before, after)) return 'has another size';
  const isState = after.role.kind === 'private' && !sameBytes(before.values, after.values);
  return isState ? 'begins with another state' : undefined;
}

const nothing: Plan = { updates: [], atomic: true };

/** Updates of sets; what else maps hold is the programs' own. */
export function planMap(before: BpfMap, after: BpfMap): Plan {
  const { role } = after;
  const form = mapForm(after);
  if (role.kind !== 'set' || form === undefined) return nothing;
  return planUpdates({ form, role }, before, after, true);
}
