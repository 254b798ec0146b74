// Kernel objects in the interpreter's memory. Whatever is not set holds a pattern: as a pointer it leads nowhere, so that a
// program which reads more than the model has stops with a fault or gives itself away.

import type { Memory, Region } from '../../bpf-asm/vm/index.ts';
import type { KernelTypes, MemberPlace } from './kernel-types.ts';

const pattern = 0xa5;

export class KernelObject {
  readonly region: Region;
  readonly #types: KernelTypes;
  readonly #structure: string;

  /** An object of a structure; `extra` bytes follow it. */
  constructor(types: KernelTypes, structure: string, memory: Memory, extra = 0) {
    const size = types.size(structure) ?? 0;
    this.#types = types;
    this.#structure = structure;
    this.region = memory.add(structure, new Uint8Array(size + extra).fill(pattern), { writable: false });
  }

  get address(): bigint {
    return this.region.address;
  }

  /** Bytes of the structure itself. */
  get size(): number {
    return this.#types.size(this.#structure) ?? 0;
  }

  #place(path: string): MemberPlace | undefined {
    return this.#types.place(`${this.#structure}.${path}`);
  }

  /** Sets a number in the host's byte order. A member that this kernel lacks cannot be read either, so nothing happens. */
  set(path: string, value: number | bigint): void {
    const place = this.#place(path);
    if (place === undefined) return;
    const { view } = this.region;
    const { offset, size, bits, shift } = place;
    if (bits > 0) {
      const mask = ((1 << bits) - 1) << shift;
      view.setUint8(offset, (view.getUint8(offset) & ~mask) | ((Number(value) << shift) & mask));
    } else if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
    else if (size === 4) view.setUint32(offset, Number(value), true);
    else if (size === 2) view.setUint16(offset, Number(value), true);
    else view.setUint8(offset, Number(value));
  }

  /** Sets a 16-bit number in network order. */
  setBigEndian16(path: string, value: number): void {
    this.set(path, ((value & 0xff) << 8) | (value >> 8));
  }

  /** Points to another object, or to nothing. */
  point(path: string, to: { readonly address: bigint } | undefined): void {
    this.set(path, to?.address ?? 0n);
  }

  /** Sets the first bytes of an array or union and clears the rest. */
  setBytes(path: string, bytes: Uint8Array): void {
    const place = this.#place(path);
    if (place === undefined) return;
    const target = this.region.bytes.subarray(place.offset, place.offset + place.size);
    target.fill(0);
    target.set(bytes.subarray(0, place.size));
  }

  /** Sets a text that ends with a zero byte. */
  setText(path: string, text: string): void {
    this.setBytes(path, new TextEncoder().encode(text));
  }

  /** Zeroes a member. */
  clear(path: string): void {
    this.setBytes(path, new Uint8Array(0));
  }
}
