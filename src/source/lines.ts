// Lines and columns of a text, found when they are asked for: spans are offsets.

/** A place as people count it: from 1, columns in UTF-16 code units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the lines of one text begin. */
export class LineIndex {
  private readonly text: string;
  private readonly starts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  /** The position of an offset; one behind the end counts as the end. */
  positionOf(offset: number): Position {
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - this.starts[low]! + 1 };
  }

  /** Where a line begins and ends, its newline left out. Lines count from 1. */
  boundsOf(line: number): { readonly from: number; readonly to: number } {
    const from = this.starts[line - 1] ?? this.text.length;
    const next = this.starts[line];
    const to = next === undefined ? this.text.length : next - 1;
    return { from, to: this.text[to - 1] === '\r' && to > from ? to - 1 : to };
  }
}
