// How wide text is on a terminal, and how to show it safely: tabs become blanks, what could steer a terminal is replaced.

const tabWidth = 4;

/** Ranges of characters that take two columns: CJK, kana, Hangul, fullwidth forms, emoji. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
const combining = /\p{Mark}|\u200b|\u200d|\ufe0f/u;

/** Columns that a character takes: 0, 1 or 2. */
export function widthOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (combining.test(character)) return 0;
  return wide.some(([low, high]) => code >= low && code <= high) ? 2 : 1;
}

const isControl = (code: number): boolean => code < 32 || (code >= 127 && code < 160);

/** Characters that turn the direction of text around could make an excerpt say something else. */
const directional = /[\u202a-\u202e\u2066-\u2069]/;

/** A character as it can be shown at a column; a lone surrogate or control character is shown as one replaced. */
export function showCharacter(character: string, column: number): string {
  if (character === '\t') return ' '.repeat(tabWidth - (column % tabWidth));
  const code = character.codePointAt(0) ?? 0;
  const broken = code >= 0xd800 && code <= 0xdfff;
  return isControl(code) || broken || directional.test(character) ? '\ufffd' : character;
}

/** Text for a message: on one line, nothing in it that steers a terminal. */
export function showText(text: string): string {
  return [...text].map(character => (character === '\n' ? ' ' : showCharacter(character, 0))).join('');
}
