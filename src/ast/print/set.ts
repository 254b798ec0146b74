// Sets and maps as nft lists them: their properties, then elements, as many on a line as nft puts there for their type.

import type { Element, Expression, MapDeclaration, Name, SetDeclaration, SetKey } from '../nodes/index.ts';
import { typeofParts } from '../type/typeof.ts';
import { expressionText, setText } from './expression.ts';
import type { OutputOptions } from './options.ts';
import { statefulText, timeText } from './stateful.ts';

type Declaration = SetDeclaration | MapDeclaration;

export function* setLines(declaration: Declaration, options: OutputOptions): Generator<string> {
  const { key, policy, size, count, flags, statements, autoMerge, timeout, gcInterval, comment } =
    declaration;
  if (key !== undefined) yield `${keyText(key, options)}${dataText(declaration, options)}`;
  if (policy !== undefined) yield `policy ${policy}`;
  if (size !== undefined) yield `size ${size.text}${count === undefined ? '' : `\t# count ${count}`}`;
  if (flags.length > 0) yield `flags ${flags.join(',')}`;
  const state = { ...options, stateless: true };
  if (statements.length > 0) yield statements.map(statement => statefulText(statement, state)).join(' ');
  if (autoMerge) yield 'auto-merge';
  if (timeout !== undefined) yield `timeout ${timeText(timeout, options)}`;
  if (gcInterval !== undefined) yield `gc-interval ${timeText(gcInterval, options)}`;
  if (comment !== undefined) yield `comment "${comment.text}"`;
  const list = options.terse ? undefined : elementsText(declaration, options);
  if (list !== undefined) yield `elements = ${list}`;
}

/** Types without a width are listed by the value that nft keeps for the key, which is zero. */
const widthless: ReadonlyMap<string, string> = new Map([
  ['integer', '0'],
  ['bitmask', '0x0'],
  ['string', '""'],
]);

function typeNames(parts: readonly Name[]): string {
  const names = parts.map(part => part.text);
  return (names.length === 1 && widthless.get(names[0]!)) || names.join(' . ');
}

function keyText(key: SetKey, options: OutputOptions): string {
  if (key.kind === 'typeof') return `typeof ${expressionText(key.expression, options)}`;
  return `type ${typeNames(key.parts)}`;
}

function dataText(declaration: Declaration, options: OutputOptions): string {
  if (declaration.kind !== 'map_declaration' || declaration.data === undefined) return '';
  const { data } = declaration;
  switch (data.kind) {
    case 'object':
      return ` : ${data.objectType}`;
    case 'queue':
      return ' : queue';
    case 'type':
      return ` : ${data.interval ? 'interval ' : ''}${typeNames(data.parts)}`;
    case 'typeof':
      return ` : ${data.interval ? 'interval ' : ''}${expressionText(data.expression, options)}`;
  }
}

/** How many keys of a type stand on one line; of all others one does. */
const perLine: ReadonlyMap<string, number> = new Map([
  ...`nf_proto integer arp_op inet_proto inet_service tcp_flag dccp_pkttype mark iface_index classid uid gid ct_dir`
    .split(' ')
    .map(name => [name, 5] as const),
  ...'ipv4_addr ct_state ct_status pkt_type'.split(' ').map(name => [name, 2] as const),
]);

function keyTypes(key: SetKey | undefined): readonly string[] {
  if (key === undefined) return [];
  if (key.kind === 'type') return key.parts.map(part => part.text);
  return typeofNames(key.expression);
}

function typeofNames(expression: Expression): readonly string[] {
  return typeofParts(expression).map(({ type }) => type.name);
}

const isPlain = ({ comment }: Element): boolean => comment === undefined;

function elementsPerLine(declaration: Declaration): number {
  const { timeout, flags, statements, key, kind, elements } = declaration;
  const types = keyTypes(key);
  const isMap = kind === 'map_declaration';
  const alone = timeout !== undefined || isMap || flags.includes('timeout') || statements.length > 0;
  if (alone || types.length !== 1 || elements?.kind !== 'set') return 1;
  const list = elements.elements;
  for (let index = 0; index < list.length; index++) if (!isPlain(list.at(index))) return 1;
  return perLine.get(types[0]!) ?? 1;
}

const lineBreak = `,\n\t\t\t     `;

function elementsText(declaration: Declaration, options: OutputOptions): string | undefined {
  const { elements } = declaration;
  if (elements?.kind !== 'set' || elements.elements.length === 0) return undefined;
  const columns = elementsPerLine(declaration);
  return setText(elements, options, index => ((index + 1) % columns === 0 ? lineBreak : ', '));
}
