// What the command and requests of a batch say alike about an option that does not fit.

/**
 * Thrown while options are read, and caught where they came in. The message goes behind the option's name (`--hook` on a
 * command line, `options.hook` in a request): `wants FAMILY/HOOK, not 'x'`.
 */
export class WrongOption extends Error {
  readonly option: string;

  constructor(option: string, problem: string) {
    super(problem);
    this.option = option;
  }
}

/** `text` if it is one of `choices`. */
export function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find(candidate => candidate === text);
  if (choice === undefined) throw new WrongOption(option, `is one of ${choices.join(', ')}, not '${text}'`);
  return choice;
}

/** An unsigned 32-bit number, decimal or 0x; `undefined` if the text is none. */
export function wholeNumber(text: string): number | undefined {
  const value = /^(?:\d+|0x[\da-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  return value <= 0xffffffff ? value : undefined;
}
