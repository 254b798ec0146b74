// Expressions as nft lists them.

import type {
  BinaryExpression,
  CtExpression,
  Element,
  Expression,
  SelectorExpression,
  SetExpression,
} from '../nodes/index.ts';
import type { OutputOptions } from './options.ts';
import { statefulText, timeText } from './stateful.ts';

export function expressionText(expression: Expression, options: OutputOptions): string {
  const text = (part: Expression): string => expressionText(part, options);
  switch (expression.kind) {
    case 'number':
      return expression.text;
    case 'symbol':
      return expression.form === 'quoted' || expression.form === 'wildcard'
        ? `"${expression.text}"`
        : expression.text;
    case 'typed_symbol':
      return expression.text;
    case 'variable':
      return `$${expression.name}`;
    case 'prefix':
      return `${text(expression.base)}/${expression.length.text}`;
    case 'range':
      return `${text(expression.from)}-${text(expression.to)}`;
    case 'concat':
      return expression.parts.map(text).join(' . ');
    case 'list':
      return expression.items.map(text).join(',');
    case 'binary':
      return binaryText(expression, options);
    case 'catchall':
      return '*';
    case 'set':
      return setText(expression, options, ', ');
    case 'set_reference':
      return `@${expression.name}`;
    case 'map':
      return `${text(expression.key)} map ${text(expression.map)}`;
    case 'verdict':
      return expression.chain === undefined
        ? expression.verdict
        : `${expression.verdict} ${expression.chain.kind === 'name' ? expression.chain.text : `$${expression.chain.name}`}`;
    default:
      return selectorText(expression, options);
  }
}

const precedence: Readonly<Record<BinaryExpression['operator'], number>> = {
  '<<': 1,
  '>>': 1,
  '&': 2,
  '^': 3,
  '|': 4,
};

/** What binds less than the operator stands in parentheses. */
function binaryText({ operator, left, right }: BinaryExpression, options: OutputOptions): string {
  const side = (expression: Expression): string => {
    const text = expressionText(expression, options);
    return expression.kind === 'binary' && precedence[operator] < precedence[expression.operator]
      ? `(${text})`
      : text;
  };
  return `${side(left)} ${operator} ${side(right)}`;
}

/** `separators[i]` stands behind element i; a text stands behind all. */
export function setText(
  { elements }: SetExpression,
  options: OutputOptions,
  separator: string | ((index: number) => string),
): string {
  let text = '{ ';
  for (let index = 0; index < elements.length; index++) {
    if (index > 0) text += typeof separator === 'string' ? separator : separator(index - 1);
    text += elementText(elements.at(index), options);
  }
  return `${text} }`;
}

/** The key, what belongs to the element, then what it is mapped to. */
export function elementText(element: Element, options: OutputOptions): string {
  const { key, data, timeout, expires, comment, statements } = element;
  const parts = [expressionText(key, options)];
  for (const statement of statements) parts.push(statefulText(statement, options));
  if (timeout !== undefined) parts.push(`timeout ${timeText(timeout, options)}`);
  if (expires !== undefined && !options.stateless && timeout?.milliseconds !== 'never')
    parts.push(`expires ${timeText(expires, options)}`);
  if (comment !== undefined) parts.push(`comment "${comment.text}"`);
  if (data !== undefined) parts.push(`: ${expressionText(data, options)}`);
  return parts.join(' ');
}

const words = (...parts: readonly (string | undefined | false)[]): string => parts.filter(Boolean).join(' ');

/** nft lists the one field by a longer name than the one it prefers in its own tables. */
const listedFields: Readonly<Record<string, string>> = { 'param-problem': 'parameter-problem' };

function selectorText(expression: SelectorExpression, options: OutputOptions): string {
  const offset = 'offset' in expression && expression.kind !== 'raw_payload' ? expression.offset : undefined;
  switch (expression.kind) {
    case 'payload':
      return `${expression.protocol} ${listedFields[expression.field] ?? expression.field}`;
    case 'raw_payload':
      return `@${expression.base},${expression.offset.text},${expression.length.text}`;
    case 'inner':
      return `${expression.tunnel} ${expressionText(expression.expression, options)}`;
    case 'meta':
      return expression.qualified ? `meta ${expression.key}` : expression.key;
    case 'ct':
      return ctText(expression);
    case 'exthdr':
      return `${expression.header} ${expression.field}${expression.index === undefined ? '' : `[${expression.index.text}]`}`;
    case 'exthdr_exists':
      return `exthdr ${expression.header}`;
    case 'tcp_option':
      return words('tcp option', optionText(expression.option), expression.field);
    case 'raw_tcp_option':
      return `tcp option @${optionText(expression.option)},${expression.offset.text},${expression.length.text}`;
    case 'ip_option':
      return words('ip option', expression.option, expression.field);
    case 'sctp_chunk':
      return words('sctp chunk', expression.chunk, expression.field);
    case 'dccp_option':
      return `dccp option ${expression.option.text}`;
    case 'fib':
      return `fib ${expression.flags.join(' . ')} ${expression.result}`;
    case 'rt':
      return words('rt', expression.family, expression.key);
    case 'socket':
      return words('socket', expression.key, expression.level && `level ${expression.level.text}`);
    case 'osf':
      return words('osf', expression.ttl && `ttl ${expression.ttl}`, expression.key);
    case 'numgen':
      return words(
        `numgen ${expression.mode} mod ${expression.modulus.text}`,
        offset && `offset ${offset.text}`,
      );
    case 'jhash':
      return words(
        `jhash ${expressionText(expression.expression, options)} mod ${expression.modulus.text}`,
        expression.seed && `seed ${expression.seed.text}`,
        offset && `offset ${offset.text}`,
      );
    case 'symhash':
      return words(`symhash mod ${expression.modulus.text}`, offset && `offset ${offset.text}`);
    case 'ipsec':
      return words(
        `ipsec ${expression.direction}`,
        expression.spnum && `spnum ${expression.spnum.text}`,
        expression.family,
        expression.key,
      );
    case 'tunnel':
      return `tunnel ${expression.key}`;
  }
}

const optionText = (option: string | { readonly text: string }): string =>
  typeof option === 'string' ? option : option.text;

function ctText({ key, direction, family }: CtExpression): string {
  return words('ct', direction, family, key);
}
