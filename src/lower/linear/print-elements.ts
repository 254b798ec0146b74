// Long lists of elements as text, written byte by byte: a string for each element and each of its parts would cost more
// than all that was done to find them. The text is that of print-set.ts.

import { ElementFlag, type Elements, type IrSet, type ValuePart, type Verdict } from './ir.ts';
import { paddedLength, verdictText } from './print-value.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const digits: Uint8Array = encoder.encode('0123456789abcdef');
const element = encoder.encode('\telement ');
const dataMark = encoder.encode(' : ');
const endMark = encoder.encode(' - ');
/** In bytes: of keys, ends and data at most 64 bytes each, and a verdict's chain at most 127 (docs/semantics.md). */
const longestElement = 0x1000;
const SPACE = 32;
const DOT = 46;

/** A piece of text is as long as this, in bytes, or somewhat shorter. No element is nearly as long. */
const pieceLength = 0x8000;

class Writer {
  readonly #bytes = new Uint8Array(pieceLength + longestElement);
  #length = 0;

  get isFull(): boolean {
    return this.#length >= pieceLength;
  }

  /** What was written since it was last taken. */
  take(): string {
    const text = decoder.decode(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return text;
  }

  text(text: Uint8Array): void {
    for (let index = 0; index < text.length; index++) this.#bytes[this.#length++] = text[index]!;
  }

  value(source: Uint8Array, start: number, steps: Int16Array): void {
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index]!;
      if (step < 0) bytes[at++] = -step;
      else {
        const byte = source[start + step]!;
        bytes[at++] = digits[byte >> 4]!;
        bytes[at++] = digits[byte & 15]!;
      }
    }
    this.#length = at;
  }
}

/** A value as steps: the offset of a byte whose digits follow, or a character's code, negative. */
function stepsOf(parts: readonly ValuePart[]): Int16Array {
  const steps: number[] = [];
  let start = 0;
  for (const [ordinal, { length, order }] of parts.entries()) {
    if (ordinal > 0) steps.push(-SPACE, -DOT, -SPACE);
    for (let index = 0; index < length; index++) {
      if (index > 0 && index % 4 === 0) steps.push(-SPACE);
      steps.push(start + (order === 'host' ? length - 1 - index : index));
    }
    start += paddedLength(length);
  }
  return Int16Array.from(steps);
}

type DataWriter = (index: number) => void;

/** What stands behind the key; `undefined` where print-set.ts has to look at each element. */
function dataWriter({ data }: IrSet, elements: Elements, writer: Writer): DataWriter | undefined {
  if (data === undefined) return () => undefined;
  if (data.kind === 'value') {
    if (data.interval === true || elements.data === undefined) return undefined;
    const { length, parts } = data;
    const [bytes, steps] = [elements.data, stepsOf(parts)];
    return index => {
      writer.text(dataMark);
      writer.value(bytes, index * length, steps);
    };
  }
  const { verdicts } = elements;
  if (data.kind !== 'verdict' || verdicts === undefined) return undefined;
  const texts = new Map<Verdict | undefined, Uint8Array>();
  for (const verdict of new Set(verdicts))
    texts.set(verdict, encoder.encode(` : ${verdict === undefined ? '' : verdictText(verdict)}`));
  return index => writer.text(texts.get(verdicts[index])!);
}

/** All elements in pieces of text, each element behind a tabulator; `undefined` if their data are of a kind not written so. */
export function elementPieces(set: IrSet, elements: Elements): Iterable<string> | undefined {
  const writer = new Writer();
  const writeData = dataWriter(set, elements, writer);
  return writeData === undefined ? undefined : writtenPieces(set, elements, writer, writeData);
}

/** One after the other: pieces that are written out at once need no memory to stay in. */
function* writtenPieces(
  set: IrSet,
  { keys, keyEnds, flags, count }: Elements,
  writer: Writer,
  writeData: DataWriter,
): Generator<string> {
  const steps = stepsOf(set.keyParts);
  const suffixes = Array.from({ length: 256 }, (_, value) =>
    encoder.encode(value === 0 ? '' : ` flags ${value}`),
  );
  const { keyLength } = set;
  const write = (index: number): void => {
    const flag = flags[index]!;
    writer.text(element);
    if ((flag & ElementFlag.catchall) === 0) {
      writer.value(keys, index * keyLength, steps);
      if (keyEnds !== undefined) {
        writer.text(endMark);
        writer.value(keyEnds, index * keyLength, steps);
      }
    }
    if ((flag & ElementFlag.intervalEnd) === 0) writeData(index);
    writer.text(suffixes[flag]!);
  };
  for (let index = 0; index < count; index++) {
    write(index);
    if (writer.isFull) yield writer.take();
  }
  yield writer.take();
}
