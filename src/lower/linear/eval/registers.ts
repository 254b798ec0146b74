// The register file of one base chain's run: 16 words of 32 bits, addressed by word, holding bytes in memory order of
// the target machine (`struct nft_regs`). The verdict register is the `Step` an expression returns.

import type { Register } from '../ir.ts';

export type ByteOrder = 'little' | 'big';

export class Registers {
  readonly #bytes: Uint8Array = new Uint8Array(64);
  readonly #view: DataView = new DataView(this.#bytes.buffer);
  readonly #isLittle: boolean;

  constructor(byteOrder: ByteOrder) {
    this.#isLittle = byteOrder === 'little';
  }

  read(register: Register, length: number): Uint8Array {
    return this.#bytes.slice(register * 4, register * 4 + length);
  }

  /** `nft_data_copy` and its like (fact 16): the rest of the last word touched becomes zero. */
  write(register: Register, data: Uint8Array): void {
    if (data.length % 4 !== 0) this.clearWord(register + Math.floor(data.length / 4));
    this.#bytes.set(data, register * 4);
  }

  clearWord(word: number): void {
    if (word < 16) this.#view.setUint32(word * 4, 0);
  }

  /** Host order; 1 and 2 byte values clear their word (`nft_reg_store8`, `nft_reg_store16`). */
  writeNumber(register: Register, value: number | bigint, length: 1 | 2 | 4 | 8): void {
    this.write(register, this.numberBytes(value, length));
  }

  readUint32(register: number): number {
    return this.#view.getUint32(register * 4, this.#isLittle);
  }

  writeUint32(register: number, value: number): void {
    this.#view.setUint32(register * 4, value >>> 0, this.#isLittle);
  }

  readUint8(register: Register): number {
    return this.#bytes[register * 4]!;
  }

  /** `value` as the target machine holds it in memory. */
  numberBytes(value: number | bigint, length: 1 | 2 | 4 | 8): Uint8Array {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), this.#isLittle);
    const bytes = new Uint8Array(view.buffer);
    return this.#isLittle ? bytes.slice(0, length) : bytes.slice(8 - length);
  }
}
