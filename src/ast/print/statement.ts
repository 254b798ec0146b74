// Statements as nft lists them.

import type {
  Element,
  Expression,
  LogStatement,
  MatchStatement,
  NatStatement,
  ObjectReferenceStatement,
  SetUpdateStatement,
  Statement,
  SynproxyArguments,
} from '../nodes/index.ts';
import { elementText, expressionText } from './expression.ts';
import type { OutputOptions } from './options.ts';
import { statefulText, timeText } from './stateful.ts';

/** Anonymous chains are printed by whoever knows how rules are laid out. */
export type LineStatement = Exclude<Statement, { readonly kind: 'anonymous_chain' }>;

export function statementText(statement: LineStatement, options: OutputOptions): string {
  const text = (expression: Expression): string => expressionText(expression, options);
  switch (statement.kind) {
    case 'match':
      return matchText(statement, options);
    case 'verdict_statement':
      return text(statement.verdict);
    case 'vmap':
      return `${text(statement.key)} vmap ${text(statement.map)}`;
    case 'counter':
    case 'limit':
    case 'quota':
    case 'connlimit':
    case 'last':
      return statefulText(statement, options);
    case 'log':
      return logText(statement);
    case 'reject': {
      const { with: answer, code } = statement;
      if (answer === undefined) return 'reject';
      return `reject with ${answer}${code === undefined ? '' : ` ${text(code)}`}`;
    }
    case 'nat':
      return natText(statement, options);
    case 'tproxy': {
      const { family, address, port } = statement;
      return `tproxy${family === undefined ? '' : ` ${family}`} to ${proxyText(address, port, options)}`;
    }
    case 'queue': {
      const { flags, queue } = statement;
      const listed = flags.length === 0 ? '' : ` flags ${flags.join(',')}`;
      return `queue${listed} to ${queue === undefined ? '0' : text(queue)}`;
    }
    case 'dup': {
      const device = statement.device === undefined ? '' : ` device ${text(statement.device)}`;
      return `dup to ${text(statement.to)}${device}`;
    }
    case 'fwd': {
      const { family, address, device } = statement;
      if (address === undefined) return `fwd to ${text(device)}`;
      return `fwd ${family ?? ''} to ${text(address)} device ${text(device)}`;
    }
    case 'synproxy':
      return `synproxy${synproxyText(statement)}`;
    case 'set_update':
      return setUpdateText(statement, options);
    case 'meter': {
      const { name, size, key, statement: inner } = statement;
      const state = { ...options, stateless: true };
      const action = inner.kind === 'anonymous_chain' ? '' : statementText(inner, state);
      return `meter ${name.text}${size === undefined ? '' : ` size ${size.text}`} { ${elementText(key, options)} ${action} }`;
    }
    case 'assign':
      return `${text(statement.target)} set ${text(statement.value)}`;
    case 'object_reference':
      return objectText(statement, options);
    case 'flow':
      return `flow add @${statement.flowtable.text}`;
    case 'notrack':
      return 'notrack';
    case 'option_strip':
      return `reset ${text(statement.option)}`;
    case 'xt':
      return `xt ${statement.type} "${statement.name}"`;
  }
}

function matchText({ operator, left, right, mask }: MatchStatement, options: OutputOptions): string {
  const compared = operator === 'implicit' ? ' ' : ` ${operator} `;
  const masked = mask === undefined ? '' : ` / ${expressionText(mask, options)}`;
  return `${expressionText(left, options)}${compared}${expressionText(right, options)}${masked}`;
}

function logText({ prefix, group, snaplen, queueThreshold, level, flags }: LogStatement): string {
  const tcp = flags.filter(flag => flag.startsWith('tcp ')).map(flag => flag.slice('tcp '.length));
  const others = flags.filter(flag => !flag.startsWith('tcp '));
  return [
    'log',
    prefix && `prefix "${prefix.text}"`,
    group && `group ${group.text}`,
    snaplen && `snaplen ${snaplen.text}`,
    queueThreshold && `queue-threshold ${queueThreshold.text}`,
    level && `level ${level}`,
    tcp.length > 0 && `flags tcp ${tcp.join(',')}`,
    ...others.map(flag => `flags ${flag}`),
  ]
    .filter(Boolean)
    .join(' ');
}

/** Behind `tproxy to` they do so without a port, too. */
function proxyText(
  address: Expression | undefined,
  port: Expression | undefined,
  options: OutputOptions,
): string {
  if (address === undefined || port !== undefined) return endpointText(address, port, options);
  return addressText(address, true, options);
}

const isIpv6 = (expression: Expression): boolean =>
  expression.kind === 'symbol' && expression.form === 'plain' && expression.text.includes(':');

/** IPv6 addresses stand in brackets where a port follows. */
function addressText(address: Expression, hasPort: boolean, options: OutputOptions): string {
  if (!hasPort) return expressionText(address, options);
  if (isIpv6(address)) return `[${expressionText(address, options)}]`;
  if (address.kind === 'range' && isIpv6(address.from))
    return `[${expressionText(address.from, options)}]-[${expressionText(address.to, options)}]`;
  return expressionText(address, options);
}

function endpointText(
  address: Expression | undefined,
  port: Expression | undefined,
  options: OutputOptions,
): string {
  const host = address === undefined ? '' : addressText(address, port !== undefined, options);
  return port === undefined ? host : `${host}:${expressionText(port, options)}`;
}

function natText(
  { action, family, form, address, port, flags }: NatStatement,
  options: OutputOptions,
): string {
  const listed = flags.length === 0 ? '' : ` ${flags.join(',')}`;
  if (address === undefined && port === undefined) return `${action}${listed}`;
  const words = [action, family, form === 'prefix' && 'prefix', 'to'].filter(Boolean).join(' ');
  return `${words} ${endpointText(address, port, options)}${listed}`;
}

export function synproxyText({ mss, wscale, timestamp, sackPermitted }: SynproxyArguments): string {
  const sizes =
    mss === undefined && wscale === undefined ? '' : ` mss ${mss?.text ?? 0} wscale ${wscale?.text ?? 0}`;
  return `${sizes}${timestamp ? ' timestamp' : ''}${sackPermitted ? ' sack-perm' : ''}`;
}

function setUpdateText({ operation, set, key, data }: SetUpdateStatement, options: OutputOptions): string {
  const state = { ...options, stateless: true };
  const mapped = data === undefined ? '' : ` : ${expressionText(data.key, options)}`;
  return `${operation} ${expressionText(set, options)} { ${updateKeyText(key, state)}${mapped} }`;
}

/** Here the timeout stands before the statements. */
function updateKeyText({ key, timeout, statements }: Element, options: OutputOptions): string {
  const parts = [expressionText(key, options), timeout && `timeout ${timeText(timeout, options)}`];
  for (const statement of statements) parts.push(statefulText(statement, options));
  return parts.filter(Boolean).join(' ');
}

function objectText({ objectType, object }: ObjectReferenceStatement, options: OutputOptions): string {
  const reference = expressionText(object, options);
  if (objectType === 'secmark') return `meta secmark set ${reference}`;
  return objectType.startsWith('ct ') ? `${objectType} set ${reference}` : `${objectType} name ${reference}`;
}
