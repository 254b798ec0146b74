// BTF types (Documentation/bpf/btf.rst) as data. Writer and reader share them. A type refers to others by id: the first
// type of a blob has id 1, and 0 is `void`.

export type TypeId = number;

export interface BtfMember {
  /** Empty for an anonymous structure or union. */
  readonly name: string;
  readonly type: TypeId;
  /** Bits from the start of the structure. */
  readonly bitOffset: number;
  /** Width of a bit-field, 0 for other members. */
  readonly bitSize: number;
}

export interface BtfParameter {
  readonly name: string;
  /** 0 with an empty name: variable arguments. */
  readonly type: TypeId;
}

export interface BtfVariable {
  readonly type: TypeId;
  /** Bytes from the start of the section. */
  readonly offset: number;
  readonly size: number;
}

export interface BtfEnumValue {
  readonly name: string;
  readonly value: bigint;
}

export type Linkage = 'static' | 'global' | 'extern';

export type BtfType =
  | {
      readonly kind: 'int';
      readonly name: string;
      /** Bytes. */
      readonly size: number;
      readonly bits: number;
      readonly encoding: 'unsigned' | 'signed' | 'char' | 'bool';
    }
  | { readonly kind: 'ptr'; readonly type: TypeId }
  | { readonly kind: 'array'; readonly type: TypeId; readonly index: TypeId; readonly length: number }
  | {
      readonly kind: 'struct' | 'union';
      readonly name: string;
      readonly size: number;
      readonly members: readonly BtfMember[];
    }
  | {
      readonly kind: 'enum' | 'enum64';
      readonly name: string;
      readonly size: number;
      readonly signed: boolean;
      readonly values: readonly BtfEnumValue[];
    }
  | { readonly kind: 'fwd'; readonly name: string; readonly union: boolean }
  | { readonly kind: 'typedef' | 'type_tag'; readonly name: string; readonly type: TypeId }
  | { readonly kind: 'volatile' | 'const' | 'restrict'; readonly type: TypeId }
  | { readonly kind: 'func'; readonly name: string; readonly type: TypeId; readonly linkage: Linkage }
  | { readonly kind: 'func_proto'; readonly returns: TypeId; readonly parameters: readonly BtfParameter[] }
  | { readonly kind: 'var'; readonly name: string; readonly type: TypeId; readonly linkage: Linkage }
  | {
      readonly kind: 'datasec';
      readonly name: string;
      readonly size: number;
      readonly variables: readonly BtfVariable[];
    }
  | { readonly kind: 'float'; readonly name: string; readonly size: number }
  | {
      readonly kind: 'decl_tag';
      readonly name: string;
      readonly type: TypeId;
      /** Which member or parameter is tagged; -1: the type itself. */
      readonly component: number;
    };

export type BtfKind = BtfType['kind'];

/** Number of a kind, and the bytes that follow its 12-byte record: `fixed` plus `each` for every unit of vlen. */
export interface KindRow {
  readonly kind: BtfKind;
  readonly fixed: number;
  readonly each: number;
}

/** Indexed by BTF_KIND_*. */
export const kindRows: readonly (KindRow | undefined)[] = [
  undefined,
  { kind: 'int', fixed: 4, each: 0 },
  { kind: 'ptr', fixed: 0, each: 0 },
  { kind: 'array', fixed: 12, each: 0 },
  { kind: 'struct', fixed: 0, each: 12 },
  { kind: 'union', fixed: 0, each: 12 },
  { kind: 'enum', fixed: 0, each: 8 },
  { kind: 'fwd', fixed: 0, each: 0 },
  { kind: 'typedef', fixed: 0, each: 0 },
  { kind: 'volatile', fixed: 0, each: 0 },
  { kind: 'const', fixed: 0, each: 0 },
  { kind: 'restrict', fixed: 0, each: 0 },
  { kind: 'func', fixed: 0, each: 0 },
  { kind: 'func_proto', fixed: 0, each: 8 },
  { kind: 'var', fixed: 4, each: 0 },
  { kind: 'datasec', fixed: 0, each: 12 },
  { kind: 'float', fixed: 0, each: 0 },
  { kind: 'decl_tag', fixed: 4, each: 0 },
  { kind: 'type_tag', fixed: 0, each: 0 },
  { kind: 'enum64', fixed: 0, each: 12 },
];

/** BTF_KIND_* by name. */
export const kindNumber: ReadonlyMap<BtfKind, number> = new Map(
  kindRows.flatMap((row, number) => (row === undefined ? [] : [[row.kind, number] as const])),
);

/** Bits of an INT's encoding byte, and the numbers of a FUNC's or VAR's linkage. */
export const intEncoding = { unsigned: 0, signed: 1, char: 2, bool: 4 } as const;
export const linkageNumber: Readonly<Record<Linkage, number>> = { static: 0, global: 1, extern: 2 };

export const btfMagic = 0xeb9f;
export const btfVersion = 1;
/** Bytes of the header that version 1 defines. */
export const btfHeaderLength = 24;
/** Bytes of a type's common part: name, info, size or type. */
export const typeRecordLength = 12;
/** The kernel's limits (uapi/linux/btf.h): members of a type, size of the whole. */
export const maxVlen = 0xffff;
export const maxBtfSize: number = 16 * 1024 * 1024;
