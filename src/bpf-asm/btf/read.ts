// BTF reader. One pass over the type section checks its bounds and notes where each type begins (a vmlinux has 150,000);
// after that a type is decoded only when somebody asks for it.

import { stringAt, viewOf } from './bytes.ts';
import { decodeType } from './decode.ts';
import { failure, type Result, success } from './result.ts';
import {
  type BtfKind,
  type BtfType,
  btfHeaderLength,
  btfMagic,
  btfVersion,
  kindNumber,
  kindRows,
  type TypeId,
  typeRecordLength,
} from './types.ts';

/** A parsed BTF blob. Both byte orders are read. */
export interface Btf {
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly strings: Uint8Array;
  /** Where type `id` begins in `view`; entry 0 is unused. */
  readonly offsets: Uint32Array;
  /** Number of types, `void` not counted: the largest id. */
  readonly count: number;
}

interface Header {
  readonly littleEndian: boolean;
  readonly typesAt: number;
  readonly typesEnd: number;
  readonly stringsAt: number;
  readonly stringsEnd: number;
}

function readHeader(view: DataView): Result<Header> {
  if (view.byteLength < btfHeaderLength) return failure('truncated', 'BTF ends within its header', 0);
  const littleEndian = view.getUint16(0, true) === btfMagic;
  if (!littleEndian && view.getUint16(0, false) !== btfMagic) return failure('bad-magic', 'not BTF', 0);
  const version = view.getUint8(2);
  if (version !== btfVersion) return failure('unsupported', `BTF version ${version}`, 2);
  const word = (at: number): number => view.getUint32(at, littleEndian);
  const headerLength = word(4);
  if (headerLength < btfHeaderLength) return failure('malformed', 'BTF header too short', 4);
  const typesAt = headerLength + word(8);
  const typesEnd = typesAt + word(12);
  const stringsAt = headerLength + word(16);
  const stringsEnd = stringsAt + word(20);
  if (typesEnd > view.byteLength) return failure('truncated', 'BTF types reach past the end', 12);
  if (stringsEnd > view.byteLength) return failure('truncated', 'BTF strings reach past the end', 20);
  return success({ littleEndian, typesAt, typesEnd, stringsAt, stringsEnd });
}

function checkStrings(strings: Uint8Array): Result<Uint8Array> {
  const closed = strings.length > 0 && strings[0] === 0 && strings[strings.length - 1] === 0;
  return closed ? success(strings) : failure('malformed', 'BTF strings must begin and end with a zero byte');
}

/** Bytes of the type at `at`, or undefined for a kind that does not exist. */
function typeLength(view: DataView, at: number, littleEndian: boolean): number | undefined {
  const info = view.getUint32(at + 4, littleEndian);
  const row = kindRows[(info >>> 24) & 0x1f];
  return row && typeRecordLength + row.fixed + row.each * (info & 0xffff);
}

function indexTypes(view: DataView, header: Header, stringsLength: number): Result<Uint32Array> {
  const { littleEndian, typesAt, typesEnd } = header;
  const offsets = new Uint32Array(Math.floor((typesEnd - typesAt) / typeRecordLength) + 1);
  let count = 0;
  for (let at = typesAt; at < typesEnd; ) {
    if (at + typeRecordLength > typesEnd) return failure('truncated', 'BTF ends within a type', at);
    const length = typeLength(view, at, littleEndian);
    if (length === undefined) return failure('unsupported', 'BTF kind that is not known', at);
    if (at + length > typesEnd) return failure('truncated', 'BTF ends within a type', at);
    if (view.getUint32(at, littleEndian) >= stringsLength) {
      return failure('malformed', 'BTF name outside the strings', at);
    }
    offsets[++count] = at;
    at += length;
  }
  return success(offsets.subarray(0, count + 1));
}

/** Parses the bytes of /sys/kernel/btf/vmlinux or of a .BTF section. The bytes are kept, not copied. */
export function readBtf(bytes: Uint8Array): Result<Btf> {
  const view = viewOf(bytes);
  const header = readHeader(view);
  if (!header.ok) return header;
  const { littleEndian, stringsAt, stringsEnd } = header.value;
  const strings = checkStrings(bytes.subarray(stringsAt, stringsEnd));
  if (!strings.ok) return strings;
  const offsets = indexTypes(view, header.value, strings.value.length);
  if (!offsets.ok) return offsets;
  return success({
    view,
    littleEndian,
    strings: strings.value,
    offsets: offsets.value,
    count: offsets.value.length - 1,
  });
}

/** The string at an offset of the string section; empty if the offset lies outside. */
export function btfString(btf: Btf, offset: number): string {
  return stringAt(btf.strings, offset) ?? '';
}

/** The type of that id, or undefined for `void` and ids that do not exist. */
export function typeAt(btf: Btf, id: TypeId): BtfType | undefined {
  const at = id > 0 ? btf.offsets[id] : undefined;
  return at === undefined ? undefined : decodeType(btf.view, at, btf.littleEndian, o => btfString(btf, o));
}

const encoder = new TextEncoder();

function isStringAt(strings: Uint8Array, offset: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) {
    if (strings[offset + i] !== wanted[i]) return false;
  }
  return strings[offset + wanted.length] === 0;
}

/** The ids of all types of these kinds that are called exactly `name`, in order. */
export function findTypes(btf: Btf, name: string, kinds: readonly BtfKind[]): TypeId[] {
  const wanted = encoder.encode(name);
  const numbers = new Set(kinds.map(kind => kindNumber.get(kind)));
  const found: TypeId[] = [];
  for (let id = 1; id <= btf.count; id++) {
    const at = btf.offsets[id] ?? 0;
    if (!isStringAt(btf.strings, btf.view.getUint32(at, btf.littleEndian), wanted)) continue;
    if (numbers.has((btf.view.getUint32(at + 4, btf.littleEndian) >>> 24) & 0x1f)) found.push(id);
  }
  return found;
}
