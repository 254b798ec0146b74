// Patterns of file names, as glob(7) has them: `*`, `?`, `[a-z]`, `[!a]`, `\` in front of what stands for itself. One segment of a
// path at a time; no regular expressions, since a pattern with many stars would keep them busy for ages.

/** Takes one character, or (`star`) any number of them. */
interface Piece {
  readonly star: boolean;
  readonly takes: (character: string) => boolean;
}

const anything = (): boolean => true;

interface Bracket {
  readonly piece: Piece;
  /** Behind the closing bracket. */
  readonly next: number;
}

/** A class that begins at `start`; `undefined` if it is not closed. A `]` at its beginning is a member. */
function readBracket(segment: readonly string[], start: number): Bracket | undefined {
  const isNegated = segment[start + 1] === '!' || segment[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  const end = segment.indexOf(']', first + 1);
  if (end < 0) return undefined;
  const ranges: [string, string][] = [];
  for (let at = first; at < end; at++) {
    const low = segment[at]!;
    const isRange = segment[at + 1] === '-' && at + 2 < end;
    if (isRange) at += 2;
    ranges.push([low, segment[at]!]);
  }
  const has = (character: string): boolean =>
    ranges.some(([low, high]) => low <= character && character <= high);
  return { piece: { star: false, takes: character => has(character) !== isNegated }, next: end + 1 };
}

function readPieces(segment: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < segment.length; at++) {
    let character = segment[at]!;
    const bracket = character === '[' ? readBracket(segment, at) : undefined;
    if (bracket !== undefined) {
      pieces.push(bracket.piece);
      at = bracket.next - 1;
    } else if (character === '*' || character === '?') {
      pieces.push({ star: character === '*', takes: anything });
    } else {
      if (character === '\\' && at + 1 < segment.length) character = segment[++at]!;
      const wanted = character;
      pieces.push({ star: false, takes: other => other === wanted });
    }
  }
  return pieces;
}

/** Whether a segment of a path is a pattern at all. */
export const isGlob = (segment: string): boolean => /[*?[\\]/.test(segment);

/**
 * A test of names (without `/`) against one segment of a pattern. A name that begins with a dot wants a pattern that does. After a
 * mismatch only the last star can be longer, so that the work is at most the product of both lengths.
 */
export function globMatcher(segment: string): (name: string) => boolean {
  const pieces = readPieces([...segment]);
  return name => {
    if (name.startsWith('.') && !segment.startsWith('.')) return false;
    const characters = [...name];
    let at = 0;
    let piece = 0;
    let star = -1;
    let resume = 0;
    while (at < characters.length) {
      if (pieces[piece]?.star) {
        star = piece++;
        resume = at;
      } else if (pieces[piece]?.takes(characters[at]!)) {
        piece++;
        at++;
      } else if (star >= 0) {
        piece = star + 1;
        at = ++resume;
      } else return false;
    }
    return pieces.slice(piece).every(rest => rest.star);
  };
}
