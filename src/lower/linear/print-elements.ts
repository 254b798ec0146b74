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
const SPACE = 32;
const DOT = 46;

/** A piece of text is as long as this, in bytes, or somewhat shorter. No value is nearly as long. */
const pieceLength = 0x1_0000;

class Writer {
  readonly #bytes = new Uint8Array(pieceLength);
  readonly #pieces: string[] = [];
  #length = 0;

  /** Room for so many bytes more, which are not written yet. */
  #reserve(more: number): void {
    if (this.#length + more > pieceLength) this.#endPiece();
  }

  #endPiece(): void {
    this.#pieces.push(decoder.decode(this.#bytes.subarray(0, this.#length)));
    this.#length = 0;
  }

  text(text: Uint8Array): void {
    this.#reserve(text.length);
    for (let index = 0; index < text.length; index++) this.#bytes[this.#length++] = text[index]!;
  }

  value(source: Uint8Array, start: number, steps: readonly number[]): void {
    this.#reserve(3 * steps.length);
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

  finish(): readonly string[] {
    this.#endPiece();
    return this.#pieces;
  }
}

/** A value as steps: the offset of a byte whose digits follow, or a character's code, negative. */
function stepsOf(parts: readonly ValuePart[]): readonly number[] {
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
  return steps;
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
export function elementPieces(set: IrSet, elements: Elements): readonly string[] | undefined {
  const writer = new Writer();
  const writeData = dataWriter(set, elements, writer);
  if (writeData === undefined) return undefined;
  const { keys, keyEnds, flags, count } = elements;
  const steps = stepsOf(set.keyParts);
  const suffixes = Array.from({ length: 256 }, (_, value) =>
    encoder.encode(value === 0 ? '' : ` flags ${value}`),
  );
  for (let index = 0; index < count; index++) {
    const flag = flags[index]!;
    writer.text(element);
    if ((flag & ElementFlag.catchall) === 0) {
      writer.value(keys, index * set.keyLength, steps);
      if (keyEnds !== undefined) {
        writer.text(endMark);
        writer.value(keyEnds, index * set.keyLength, steps);
      }
    }
    if ((flag & ElementFlag.intervalEnd) === 0) writeData(index);
    writer.text(suffixes[flag]!);
  }
  return writer.finish();
}
