// Statements that send a packet elsewhere or answer it: nat, tproxy, fwd, dup, queue, reject.

import type {
  DupStatement,
  Expression,
  FwdStatement,
  NatFlag,
  NatStatement,
  QueueStatement,
  RejectStatement,
  TproxyStatement,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonValue } from '../value.ts';
import { argument, readExpression, readImmediate } from './expressions.ts';
import { Fields, given, type Reading } from './reading.ts';
import { familyIn } from './selectors.ts';

function optionalArgument(reading: Reading, fields: Fields, name: string): Expression | undefined {
  const value = fields.value(name);
  return value && readExpression(reading, value, argument);
}

export function readFwd(reading: Reading, value: JsonValue): FwdStatement {
  const fields = new Fields(reading, value, ['dev', 'family', 'addr']);
  const device = readExpression(reading, fields.require('dev'), argument);
  const family = familyIn(fields);
  const address = optionalArgument(reading, fields, 'addr');
  if (address !== undefined && family === undefined)
    fail('missing-property', 'an address needs its `family`', value.span);
  if (address === undefined) return { kind: 'fwd', device, span: value.span };
  return { kind: 'fwd', device, ...given('family', family), address, span: value.span };
}

export function readDup(reading: Reading, value: JsonValue): DupStatement {
  const fields = new Fields(reading, value, ['addr', 'dev']);
  const to = readExpression(reading, fields.require('addr'), argument);
  return { kind: 'dup', to, ...given('device', optionalArgument(reading, fields, 'dev')), span: value.span };
}

const natFlags: readonly (NatFlag | 'netmap')[] = ['random', 'fully-random', 'persistent', 'netmap'];

/** A prefix is mapped to a prefix by the flag netmap, which text says by the word `prefix`. */
export function readNat(reading: Reading, value: JsonValue, name: string): NatStatement {
  const action = name as NatStatement['action'];
  if (value.kind === 'null') return { kind: 'nat', action, flags: [], span: value.span };
  const fields = new Fields(reading, value, ['family', 'addr', 'port', 'flags', 'type_flags']);
  const flags = fields.flags('flags', natFlags);
  const form = natForm(fields);
  const isMap = form === 'prefix' && flags.length === 1 && flags[0] === 'netmap';
  return {
    kind: 'nat',
    action,
    ...given('family', familyIn(fields)),
    ...given('form', form),
    ...given('address', optionalArgument(reading, fields, 'addr')),
    ...given('port', optionalArgument(reading, fields, 'port')),
    flags: isMap ? [] : plainFlags(flags, value),
    span: value.span,
  };
}

/** A map tells by itself that it gives intervals. */
function natForm(fields: Fields): NatStatement['form'] {
  const forms = fields.flags('type_flags', ['prefix', 'concat', 'interval']);
  if (forms.includes('prefix') && forms.includes('concat'))
    fail('exclusive', 'prefix and concat exclude each other', fields.require('type_flags').span);
  return forms.find(form => form !== 'interval') ?? forms[0];
}

function plainFlags(flags: readonly (NatFlag | 'netmap')[], { span }: JsonValue): readonly NatFlag[] {
  const plain = flags.filter(flag => flag !== 'netmap');
  if (plain.length < flags.length)
    fail('unsupported-nat', 'the flag netmap stands alone, and beside type_flags "prefix"', span);
  return plain;
}

export function readTproxy(reading: Reading, value: JsonValue): TproxyStatement {
  const fields = new Fields(reading, value, ['family', 'addr', 'port']);
  return {
    kind: 'tproxy',
    ...given('family', familyIn(fields)),
    ...given('address', optionalArgument(reading, fields, 'addr')),
    ...given('port', optionalArgument(reading, fields, 'port')),
    span: value.span,
  };
}

export function readReject(reading: Reading, value: JsonValue): RejectStatement {
  if (value.kind === 'null') return { kind: 'reject', span: value.span };
  const fields = new Fields(reading, value, ['type', 'expr']);
  const answer = fields.optionalChoice('type', ['tcp reset', 'icmpx', 'icmp', 'icmpv6'], 'an answer');
  const code = fields.value('expr');
  if (code !== undefined && (answer === undefined || answer === 'tcp reset'))
    fail('unexpected-property', 'only answers of icmp, icmpv6 and icmpx have a code', code.span);
  return {
    kind: 'reject',
    ...given('with', answer),
    ...given('code', code && readImmediate(code)),
    span: value.span,
  };
}

export function readQueue(reading: Reading, value: JsonValue): QueueStatement {
  if (value.kind === 'null') return { kind: 'queue', flags: [], span: value.span };
  const fields = new Fields(reading, value, ['num', 'flags']);
  return {
    kind: 'queue',
    flags: fields.flags('flags', ['bypass', 'fanout']),
    ...given('queue', optionalArgument(reading, fields, 'num')),
    span: value.span,
  };
}
