// A growing little-endian buffer, and strings that end in a zero byte: what ELF and BTF are made of.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Appends numbers and bytes. Numbers are cut to their width: whoever writes checks the range first. */
export class ByteWriter {
  #bytes: Uint8Array = new Uint8Array(256);
  #view: DataView = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  zeros(count: number): this {
    this.#reserve(count);
    return this;
  }

  /** Fills with zeros up to a multiple of `boundary` bytes. */
  align(boundary: number): this {
    return this.zeros((boundary - (this.#length % boundary)) % boundary);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Room for `count` more bytes, all zero; returns where they begin. Buffer and view may be new ones after it. */
  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** A table of zero-terminated strings in which equal strings share an offset. Offset 0 is the empty string. */
export class StringTable {
  readonly #writer: ByteWriter = new ByteWriter().u8(0);
  readonly #offsets: Map<string, number> = new Map([['', 0]]);

  get length(): number {
    return this.#writer.length;
  }

  /** The offset of `text`, which must not contain a zero character. */
  add(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#writer.length;
    this.#writer.bytes(encoder.encode(text)).u8(0);
    this.#offsets.set(text, offset);
    return offset;
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}

/** The zero-terminated string at `offset`, or undefined if it does not end within `bytes`. */
export function stringAt(bytes: Uint8Array, offset: number): string | undefined {
  if (offset >= bytes.length) return undefined;
  const end = bytes.indexOf(0, offset);
  return end < 0 ? undefined : decoder.decode(bytes.subarray(offset, end));
}

/** A view of exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
