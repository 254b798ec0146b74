// A stream of bytes into lines, none of them held beyond a limit.

/** A line without its end, or only the news that there was one that is too long. */
export type Line =
  | { readonly kind: 'line'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_long'; readonly limit: number };

const newline = 0x0a;

/** Lines end in LF. The last one counts without, unless it is empty. */
export class LineSplitter {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  /** Bytes of the line so far; they are not kept once they are more than the limit. */
  #length = 0;

  /** `limit`: bytes of a line, its end not counted. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that end within `chunk`. */
  *push(chunk: Uint8Array): Generator<Line> {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      this.#add(chunk.subarray(from, at));
      yield this.#take();
      from = at + 1;
    }
    this.#add(chunk.subarray(from));
  }

  /** What is left when the stream has ended. */
  *end(): Generator<Line> {
    if (this.#length > 0) yield this.#take();
  }

  #add(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#limit) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #take(): Line {
    const parts = this.#parts;
    const length = this.#length;
    this.#parts = [];
    this.#length = 0;
    if (length > this.#limit) return { kind: 'too_long', limit: this.#limit };
    return { kind: 'line', bytes: parts.length === 1 ? parts[0]! : joined(parts, length) };
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
