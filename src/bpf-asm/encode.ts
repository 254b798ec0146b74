// An instruction slot as bytes, and back (RFC 9669, section 3; little endian):
//
//   byte  0        1            2-3                4-7
//         opcode   src | dst    offset (signed)    immediate (signed)
//
// ld_imm64 takes two slots; the second holds the high half of the number as its immediate and zeros.

import { findRow, type IsaRow } from './isa.ts';

/** Bytes of one slot. */
export const slotSize = 8;

/** Writes one slot at byte `at`. Values must fit their fields: `assemble` has checked them. */
export function encodeSlot(
  view: DataView,
  at: number,
  opcode: number,
  dst: number,
  src: number,
  offset: number,
  imm: number,
): void {
  view.setUint8(at, opcode);
  view.setUint8(at + 1, (src << 4) | dst);
  view.setInt16(at + 2, offset, true);
  view.setInt32(at + 4, imm, true);
}

/** Writes the two slots of an ld_imm64 at byte `at`. */
export function encodeImm64(
  view: DataView,
  at: number,
  opcode: number,
  dst: number,
  src: number,
  imm: bigint,
): void {
  encodeSlot(view, at, opcode, dst, src, 0, Number(BigInt.asIntN(32, imm)));
  encodeSlot(view, at + slotSize, 0, 0, 0, 0, Number(BigInt.asIntN(32, imm >> 32n)));
}

/** One decoded instruction. `row` is absent if the table has no such instruction. */
export interface DecodedInstruction {
  /** Index of its first slot. */
  readonly slot: number;
  /** Slots that it takes: 2 for ld_imm64, unless the program ends in its middle. */
  readonly slots: number;
  readonly opcode: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly imm: number;
  /** The 64-bit immediate of ld_imm64, unsigned. */
  readonly imm64?: bigint;
  readonly row?: IsaRow;
}

const imm64Opcode = 0x18;

/** Decodes the instruction that begins at `slot`; `view` covers whole slots. */
export function decodeAt(view: DataView, slot: number): DecodedInstruction {
  const at = slot * slotSize;
  const opcode = view.getUint8(at);
  const registers = view.getUint8(at + 1);
  const src = registers >> 4;
  const offset = view.getInt16(at + 2, true);
  const imm = view.getInt32(at + 4, true);
  const row = findRow(opcode, src, offset, imm);
  const wide = opcode === imm64Opcode && at + 2 * slotSize <= view.byteLength;
  return {
    slot,
    slots: wide ? 2 : 1,
    opcode,
    dst: registers & 0x0f,
    src,
    offset,
    imm,
    ...(wide ? { imm64: (BigInt(view.getUint32(at + 12, true)) << 32n) | BigInt(imm >>> 0) } : {}),
    ...(row === undefined ? {} : { row }),
  };
}

/** Decodes a whole program. Bytes after the last full slot are left out; `check` reports them. */
export function decode(code: Uint8Array): DecodedInstruction[] {
  const slots = Math.floor(code.byteLength / slotSize);
  const view = new DataView(code.buffer, code.byteOffset, slots * slotSize);
  const instructions: DecodedInstruction[] = [];
  for (let slot = 0; slot < slots; ) {
    const instruction = decodeAt(view, slot);
    instructions.push(instruction);
    slot += instruction.slots;
  }
  return instructions;
}
