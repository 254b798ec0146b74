// The instruction as the assembler sees it: fields of RFC 9669, but jumps go to labels and constants may be references.
// Nothing here knows of firewalls: `origin` is an opaque number that travels with the instruction.

/** A place in an assembly program. Emitted with `{ label }` items; resolved to offsets by `assemble`. */
export type Label = { readonly label: string };

/** What a loader must fill in. `field` is the byte offset of a kernel structure's member (CO-RE; `name` is
 * `struct.member[.member]`), `type` the BTF type id of a structure. */
export interface Reference {
  readonly kind: 'map' | 'kfunc' | 'field' | 'type' | 'subprogram';
  readonly name: string;
}

/** One instruction (ld_imm64 is one, though it takes two slots). */
export interface Instruction {
  /** The opcode byte of RFC 9669. */
  readonly opcode: number;
  readonly dst: number;
  readonly src: number;
  /** Signed 16 bit, or the target of a conditional or short jump. */
  readonly offset: number | Label;
  /** Signed 32 bit; a bigint for ld_imm64; a label for `gotol` and local calls. */
  readonly imm: number | bigint | Label;
  readonly reference?: Reference;
  readonly origin?: number;
}

/** An assembly item: an instruction, or a label that names the instruction after it. */
export type AssemblyItem = Instruction | Label;

export interface AssemblyProgram {
  readonly name: string;
  readonly items: readonly AssemblyItem[];
}

/** A relocation that is left: `index` counts 8-byte slots from the start of the program. */
export interface Relocation extends Reference {
  readonly index: number;
}

/** Machine code. `origins[i]` belongs to slot i (-1: none). */
export interface AssembledProgram {
  readonly name: string;
  /** 8 bytes a slot, little endian. */
  readonly code: Uint8Array;
  readonly relocations: readonly Relocation[];
  readonly origins: Int32Array;
}
