// Character classes of nft's scanner, by ASCII code.

const classes = new Uint8Array(128);

const LETTER = 1;
const DIGIT = 2;
const HEX = 4;
/** May stand in a word, but not begin one (a dot and an underscore may begin one). */
const WORD = 8;
const START = 16;

function mark(characters: string, bits: number): void {
  for (const character of characters) classes[character.charCodeAt(0)]! |= bits;
}
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', LETTER | WORD | START);
mark('0123456789', DIGIT | HEX | WORD);
mark('abcdefABCDEF', HEX);
mark('/-_.', WORD);
mark('_.', START);

const has = (code: number, bits: number): boolean => code < 128 && (classes[code]! & bits) !== 0;

export const isLetter = (code: number): boolean => has(code, LETTER);
export const isDigit = (code: number): boolean => has(code, DIGIT);
export const isHex = (code: number): boolean => has(code, HEX);
export const isWordStart = (code: number): boolean => has(code, START);
export const isWordPart = (code: number): boolean => has(code, WORD);

/** First index from `at` on whose character does not satisfy `test`. NaN (the end of the text) satisfies none. */
export function skipWhile(text: string, at: number, test: (code: number) => boolean): number {
  let index = at;
  while (test(text.charCodeAt(index))) index++;
  return index;
}
