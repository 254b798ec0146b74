// nf_tables' sixteen 32-bit registers while a rule is read: each word knows which field it is a part of.

import { type Field, withStep } from './field.ts';

interface Cell {
  readonly field: Field;
  /** Which word of the field this is. */
  readonly word: number;
}

/** A field and the bytes it fills, zero-padded, in a wider value. */
export interface Part {
  readonly field: Field;
  readonly padded: number;
}

const wordSize = 4;

export class SymbolicRegisters {
  private readonly cells: (Cell | undefined)[] = new Array(16).fill(undefined);

  write(register: number, field: Field): void {
    for (let word = 0; word * wordSize < field.length; word++) {
      this.cells[register + word] = { field, word };
    }
  }

  /** The fields that make up `length` bytes from a register on; undefined if one was never written. */
  read(register: number, length: number): Part[] | undefined {
    const parts: Part[] = [];
    for (let done = 0; done < length; ) {
      const cell = this.cells[register + done / wordSize];
      if (cell === undefined) return undefined;
      const part = this.part(register + done / wordSize, cell, length - done);
      parts.push(part);
      done += part.padded;
    }
    return parts;
  }

  /** Values that a write has made old: a rule that reads one of them again is not translated. */
  forget(isOld: (field: Field) => boolean): void {
    for (const [register, cell] of this.cells.entries()) {
      if (cell !== undefined && isOld(cell.field)) this.cells[register] = undefined;
    }
  }

  /** The longest run of one field's words; the last one may be cut by `length`. */
  private part(register: number, { field, word }: Cell, length: number): Part {
    let words = 1;
    while (words * wordSize < length) {
      const next = this.cells[register + words];
      if (next?.field !== field || next.word !== word + words) break;
      words++;
    }
    const start = word * wordSize;
    const available = Math.min(field.length - start, words * wordSize, length);
    const part = withStep(field, { do: 'slice', start, length: available });
    return { field: part, padded: Math.min(words * wordSize, length) };
  }
}
