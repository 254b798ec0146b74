// Small damage to a text: what is nearly right is where a parser is lenient or strict by mistake.

import type { Draw } from './draw.ts';

const tokens = /"[^"\n]*"|\s+|[A-Za-z0-9_.:/*\\-]+|./gsu;
const intruders = [
  'tcp',
  'ip',
  'accept',
  'set',
  'map',
  'type',
  '{',
  '}',
  ',',
  ':',
  '.',
  ';',
  '-',
  '/',
  '!=',
  '==',
  '@',
  '$',
  '(',
  ')',
  '|',
  '0',
  '4294967296',
  '18446744073709551616',
  '-1',
  '"x"',
  '*',
  'counter',
  'name',
  'to',
  'with',
  'lo',
  '\\\n',
  '# comment\n',
  '\n',
  '\t',
  '0x',
  '1.2.3',
  '::',
  'define',
  'last',
  'é',
  '“',
  '=',
  '&',
  '<<',
];

export function tokensOf(text: string): string[] {
  return text.match(tokens) ?? [];
}

function once(draw: Draw, list: string[]): void {
  const at = draw.below(list.length);
  const other = draw.below(list.length);
  switch (draw.below(7)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1:
      list.splice(at, 0, list[at]!, ' ');
      break;
    case 2:
      [list[at], list[other]] = [list[other]!, list[at]!];
      break;
    case 3:
      list.splice(at, 1, draw.pick(intruders));
      break;
    case 4:
      list.splice(at, 0, ' ', draw.pick(intruders), ' ');
      break;
    case 5:
      list.splice(at, 1, list[other]!);
      break;
    default:
      list[at] = list[at]!.replace(/\d+/, digits => String(Number(digits) * 1000 + 7));
  }
}

/** One or two changes of tokens. */
export function mutate(draw: Draw, text: string, times: number = draw.pick([1, 1, 1, 2])): string {
  const list = tokensOf(text);
  for (let count = 0; count < times && list.length > 0; count++) once(draw, list);
  return list.join('');
}
