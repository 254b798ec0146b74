// A map's role read back: the set that it holds, without its elements, as the stages before the map know it. From here
// on elements are typed, checked and laid out by the code that translates rulesets.

import type { ContentSet } from '../ast/type/content-ranges.ts';
import type { TypedPart } from '../ast/type/typed.ts';
import type { IrSet, SetId } from '../lower/linear/ir.ts';
import { statefulExpression } from '../lower/linear/stateful.ts';
import type { BpfMap, DataRole, PartRole, SetRole } from '../lower/program.ts';
import { type SetShape, setLayout } from '../lower/sets/contents.ts';
import type { PartShape } from '../lower/sets/contents-layout.ts';
import { datatypeByName } from '../model/datatype.ts';
import { SetFlag } from '../model/set-flags.ts';
import { type CarriedForm, carriedForm, declaredStatements } from './carried-form.ts';
import { failure, nowhere, type Result } from './result.ts';

/** How a map holds its elements: one an entry by its key, as prefixes, or in a list that is tried in order. */
export type MapForm = 'hash' | 'lpm' | 'list';

/** What tells how the entries of a map belong together. */
export interface EntryForm {
  readonly role: SetRole;
  readonly form: MapForm;
}

export interface SetForm extends ContentSet, EntryForm {
  readonly keyParts: readonly TypedPart[];
  /** Of maps to values: the parts of one value. */
  readonly dataParts?: readonly TypedPart[];
  readonly shape: SetShape;
  /** The set without its elements. */
  readonly ir: IrSet;
  /** Of sets whose elements expire or have statements. */
  readonly carried?: CarriedForm;
}

const forms: Readonly<Record<string, MapForm>> = { hash: 'hash', lpm_trie: 'lpm', array: 'list' };

export function mapForm({ type }: Pick<BpfMap, 'type'>): MapForm | undefined {
  return forms[type];
}

function partOf({ type: name, bits, order }: PartRole): TypedPart | undefined {
  const type = datatypeByName(name);
  return type === undefined ? undefined : { type, bits, order };
}

function partsOf(roles: readonly PartRole[]): readonly TypedPart[] | undefined {
  const parts = roles.map(partOf).filter(part => part !== undefined);
  return parts.length === roles.length ? parts : undefined;
}

const shapeOf = ({ type, bits, order }: TypedPart): PartShape => ({ bits, order, class: type.class });

function flagsOf({ flags, data }: SetRole, parts: number): number {
  return (
    (flags.includes('anonymous') ? SetFlag.anonymous : 0) |
    (flags.includes('constant') ? SetFlag.constant : 0) |
    (flags.includes('interval') ? SetFlag.interval : 0) |
    (data === undefined ? 0 : data.kind === 'object' ? SetFlag.object : SetFlag.map) |
    (flags.includes('interval') && parts > 1 ? SetFlag.concat : 0)
  );
}

/** The parts of one value, where elements give ranges of values, too. */
function dataRoles(data: DataRole | undefined): readonly PartRole[] | undefined {
  if (data?.kind !== 'value') return undefined;
  return data.interval ? data.parts.slice(0, data.parts.length / 2) : data.parts;
}

function dataShape(
  data: DataRole | undefined,
  parts: readonly TypedPart[] | undefined,
): Pick<SetShape, 'data'> {
  if (data?.kind === 'verdict' || data?.kind === 'object') return { data: { kind: data.kind } };
  if (data?.kind !== 'value' || parts === undefined) return {};
  return { data: { kind: 'value', parts: parts.map(shapeOf), interval: data.interval === true } };
}

type Types = Pick<SetForm, 'keyParts' | 'dataParts'>;

function irOf(role: SetRole, flags: number, { keyParts, dataParts }: Types, shape: SetShape): IrSet {
  const layout = setLayout(shape);
  const interval = role.data?.kind === 'value' && role.data.interval === true;
  const statements = declaredStatements(role);
  return {
    id: 0 as SetId,
    name: role.set,
    span: nowhere,
    flags,
    keyLength: layout.keyLength,
    keyParts: layout.keyParts,
    ...(role.data?.kind === 'verdict' && { data: { kind: 'verdict' } }),
    // Which kind of objects they are is of no matter here.
    ...(role.data?.kind === 'object' && { data: { kind: 'object', type: 0 } }),
    ...(layout.data && { data: { kind: 'value', ...layout.data, ...(interval && { interval }) } }),
    ...(role.size !== undefined && { size: role.size }),
    ...(role.timeout !== undefined && { timeout: BigInt(role.timeout) }),
    ...(statements.length > 0 && { expressions: statements.map(statefulExpression) }),
    elements: { count: 0, keys: new Uint8Array(), flags: new Uint8Array() },
    userData: { key: { parts: keyParts }, ...(dataParts && { data: { parts: dataParts } }) },
  };
}

/** What `map` holds, or that this cannot be known. */
export function setForm(map: BpfMap): Result<SetForm> {
  const { role } = map;
  if (role.kind !== 'set') return failure('not-a-set', `map \`${map.name}\` holds no elements of a set`);
  const form = mapForm(map);
  const keyParts = role.key && partsOf(role.key);
  const valueRoles = dataRoles(role.data);
  const dataParts = valueRoles && partsOf(valueRoles);
  const isKnown = keyParts !== undefined && (valueRoles === undefined || dataParts !== undefined);
  if (form === undefined || !isKnown)
    return failure('unknown-type', `the datatypes of set \`${role.set}\` are not known`);
  const flags = flagsOf(role, keyParts.length);
  const shape: SetShape = {
    parts: keyParts.map(shapeOf),
    interval: role.flags.includes('interval'),
    anonymous: false,
    autoMerge: role.flags.includes('auto-merge'),
    ...dataShape(role.data, dataParts),
    ...(role.size !== undefined && { size: role.size }),
  };
  const types = { keyParts, ...(dataParts && { dataParts }) };
  const ir = irOf(role, flags, types, shape);
  const carried = carriedForm({ form, role }, ir, map);
  return {
    ok: true,
    value: {
      name: role.set,
      role,
      form,
      flags,
      autoMerge: shape.autoMerge,
      ...types,
      shape,
      ir,
      ...(carried && { carried }),
    },
  };
}
