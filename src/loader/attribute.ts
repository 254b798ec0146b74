// `union bpf_attr` as bytes. Offsets are those of uapi/linux/bpf.h; the kernel takes longer attributes than it knows
// as long as the rest is zero. Pointers are kept referenced until the call has returned.

const attributeSize = 152;

export class Attribute {
  readonly bytes: Uint8Array = new Uint8Array(attributeSize);
  private readonly view = new DataView(this.bytes.buffer);
  private readonly addressOf: (bytes: Uint8Array) => bigint;
  private kept: Uint8Array[] = [];

  constructor(system: { readonly addressOf: (bytes: Uint8Array) => bigint }) {
    this.addressOf = system.addressOf;
  }

  u32(offset: number, value: number): this {
    this.view.setUint32(offset, value, true);
    return this;
  }

  u64(offset: number, value: bigint): this {
    this.view.setBigUint64(offset, value, true);
    return this;
  }

  /** The address of `data`; a null pointer if it is empty. */
  pointer(offset: number, data: Uint8Array): this {
    if (data.length === 0) return this;
    this.kept.push(data);
    return this.u64(offset, this.addressOf(data));
  }

  /** A name of at most 15 characters; what is longer has been refused before. */
  name(offset: number, text: string): this {
    this.bytes.set(new TextEncoder().encode(text).subarray(0, 15), offset);
    return this;
  }

  /** What the kernel wrote. */
  read32(offset: number): number {
    return this.view.getUint32(offset, true);
  }

  /** Ends the hold on the buffers. */
  release(): void {
    this.kept = [];
  }
}
