// One expression of the register IR as nft prints it with --debug=netlink: its name, then its operands.

import { familyNumber } from '../../model/family.ts';
import type { Expression, SetId } from './ir.ts';
import { registerText as reg, registerNumber, valueText, verdictText } from './print-value.ts';

type Operation = Expression['op'];
/** Some forms share a shape (`masq`, `redir`), so it is the operation that must be among the shape's, not the reverse. */
type Of<Op extends Operation> = Having<Expression, Op>;
type Having<E, Op> = E extends { readonly op: infer Own } ? (Op extends Own ? E : never) : never;

/** Sets print by name: `__set%d` for every anonymous one. */
export type SetName = (set: SetId) => string;

/** An operand that is not always there. */
function optional<T>(value: T | undefined, text: (value: T) => string): string {
  return value === undefined ? '' : ` ${text(value)}`;
}

const optionSpace = { ipv6: ' ipv6', tcpopt: ' tcpopt', ipv4: ' ipv4', sctp: '', dccp: '' } as const;

function exthdr(e: Of<'exthdr'>): string {
  const what = `${e.length}b @ ${e.type} + ${e.offset}${e.present ? ' present' : ''}`;
  return `exthdr load${optionSpace[e.header]} ${what} => ${reg(e.dest)}`;
}

function payloadWrite(e: Of<'payload_write'>): string {
  const checksum = `csum_type ${e.checksumType} csum_off ${e.checksumOffset} csum_flags 0x${e.checksumFlags.toString(16)}`;
  return `payload write ${reg(e.source)} => ${e.length}b @ ${e.base} header + ${e.offset} ${checksum}`;
}

const direction = (value: 'original' | 'reply' | undefined): string =>
  optional(value, text => `, dir ${text}`);

const operatorSigns = { and: '&', or: '|', xor: '^' } as const;

function bitwise(e: Of<'bitwise'>): string {
  const masked = `( ${reg(e.source)} & ${valueText(e.mask)} )`;
  return `bitwise ${reg(e.dest)} = ${masked} ^ ${valueText(e.xor)}`;
}

function bitwiseShift(e: Of<'bitwise_shift'>): string {
  const sign = e.direction === 'left' ? '<<' : '>>';
  const shift = e.shift.toString(16).padStart(8, '0');
  return `bitwise ${reg(e.dest)} = ( ${reg(e.source)} ${sign} 0x${shift} )`;
}

function bitwiseRegister(e: Of<'bitwise_register'>): string {
  return `bitwise ${reg(e.dest)} = ( ${reg(e.source)} ${operatorSigns[e.operator]} ${reg(e.source2)} )`;
}

function byteorder(e: Of<'byteorder'>): string {
  return `byteorder ${reg(e.dest)} = ${e.direction}(${reg(e.source)}, ${e.size}, ${e.length})`;
}

function lookup(e: Of<'lookup'>, setName: SetName): string {
  const dest = optional(e.dest, to => `dreg ${to === 'verdict' ? 0 : registerNumber(to)}`);
  return `lookup ${reg(e.source)} set ${setName(e.set)}${dest}${e.invert ? ' 0x1' : ''}`;
}

const timeUnits = [
  [60n, 'minute'],
  [60n, 'hour'],
  [24n, 'day'],
  [7n, 'week'],
] as const;

/** The largest unit that divides the time; `5 minute` if it is more than one of them. */
function timeUnit(seconds: bigint): string {
  let count = seconds;
  let unit = 'second';
  for (const [size, name] of timeUnits) {
    if (count % size !== 0n) break;
    count /= size;
    unit = name;
  }
  return count > 1n ? `${count} ${unit}` : unit;
}

function limit(e: Of<'limit'>): string {
  return `limit rate ${e.rate}/${timeUnit(e.unit)} burst ${e.burst} type ${e.type} flags 0x${e.over ? 1 : 0}`;
}

/** NF_LOG_* bits in the order they are printed. */
const logFlags = [
  [1, 'tcpseq'],
  [2, 'tcpopt'],
  [4, 'ipopt'],
  [8, 'uid'],
  [32, 'macdecode'],
] as const;

function log(e: Of<'log'>): string {
  const prefix = optional(e.prefix, text => `prefix ${text}`);
  if (e.group !== undefined) {
    return `log${prefix} group ${e.group} snaplen ${e.snaplen ?? 0} qthreshold ${e.queueThreshold ?? 0}`;
  }
  const flags = logFlags.filter(([bit]) => (e.flags & bit) !== 0).map(([, name]) => ` ${name}`);
  return `log${prefix}${optional(e.level, level => `level ${level}`)}${flags.join('')}`;
}

function hash(e: Of<'hash'>): string {
  const offset = e.offset === 0 ? '' : ` offset ${e.offset}`;
  if (e.type === 'symmetric') return `hash ${reg(e.dest)} = symhash() % mod ${e.modulus}${offset}`;
  const seed = `0x${(e.seed ?? 0).toString(16)}`;
  const source = e.source === undefined ? 'reg 0' : reg(e.source);
  return `hash ${reg(e.dest)} = jhash(${source}, ${e.length ?? 0}, ${seed}) % mod ${e.modulus}${offset}`;
}

function numgen(e: Of<'numgen'>): string {
  const offset = e.offset === 0 ? '' : ` offset ${e.offset}`;
  return `numgen ${reg(e.dest)} = ${e.mode} mod ${e.modulus}${offset}`;
}

function fib(e: Of<'fib'>): string {
  return `fib ${e.flags.join(' . ')} ${e.result}${e.present ? ' present' : ''} => ${reg(e.dest)}`;
}

function ports(e: {
  readonly protoMin?: Of<'nat'>['protoMin'];
  readonly protoMax?: Of<'nat'>['protoMax'];
}): string {
  const min = optional(e.protoMin, register => `proto_min ${reg(register)}`);
  return min + optional(e.protoMax, register => `proto_max ${reg(register)}`);
}

const natFlags = (flags: number): string => (flags === 0 ? '' : ` flags 0x${flags.toString(16)}`);

function nat(e: Of<'nat'>): string {
  const min = optional(e.addressMin, register => `addr_min ${reg(register)}`);
  const max = optional(e.addressMax, register => `addr_max ${reg(register)}`);
  return `nat ${e.type} ${e.family}${min}${max}${ports(e)}${natFlags(e.flags)}`;
}

function tproxy(e: Of<'tproxy'>): string {
  const address = optional(e.address, register => `addr ${reg(register)}`);
  const port = optional(e.port, register => `port ${reg(register)}`);
  return `tproxy${optional(e.family, family => family)}${address}${port}`;
}

function queueFlags(flags: number): string {
  return `${(flags & 1) !== 0 ? ' bypass' : ''}${(flags & 2) !== 0 ? ' fanout' : ''}`;
}

function queue(e: Of<'queue'>): string {
  const last = e.total > 1 ? `-${e.first + e.total - 1}` : '';
  return `queue num ${e.first}${last}${queueFlags(e.flags)}`;
}

function dup(e: Of<'dup'>): string {
  const address = optional(e.address, register => `sreg_addr ${registerNumber(register)}`);
  return `dup${address}${optional(e.device, register => `sreg_dev ${registerNumber(register)}`)}`;
}

function fwd(e: Of<'fwd'>): string {
  const address = optional(e.address, register => `sreg_addr ${registerNumber(register)}`);
  const family = optional(e.family, name => `nfproto ${familyNumber[name]}`);
  return `fwd sreg_dev ${registerNumber(e.device)}${address}${family}`;
}

function dynset(e: Of<'dynset'>, setName: SetName): string {
  const data = optional(e.data, register => `sreg_data ${registerNumber(register)}`);
  const timeout = optional(e.timeout, milliseconds => `timeout ${milliseconds}ms`);
  const expressions = e.expressions.map(each => ` expr [ ${expressionText(each, setName)} ]`).join('');
  return `dynset ${e.operation} reg_key ${registerNumber(e.key)} set ${setName(e.set)}${data}${timeout}${expressions}`;
}

function inner(e: Of<'inner'>, setName: SetName): string {
  const header = `inner type ${e.type} hdrsize ${e.headerSize} flags ${e.flags.toString(16)}`;
  return `${header} [ ${expressionText(e.expression, setName)} ]`;
}

type Printers = { readonly [Op in Operation]: (e: Of<Op>, setName: SetName) => string };

const printers: Printers = {
  payload: e => `payload load ${e.length}b @ ${e.base} header + ${e.offset} => ${reg(e.dest)}`,
  payload_write: payloadWrite,
  exthdr,
  exthdr_write: e =>
    `exthdr write${optionSpace[e.header]} ${reg(e.source)} => ${e.length}b @ ${e.type} + ${e.offset}`,
  exthdr_reset: e => `exthdr reset tcpopt ${e.type}`,
  meta: e => `meta load ${e.key} => ${reg(e.dest)}`,
  meta_set: e => `meta set ${e.key} with ${reg(e.source)}`,
  ct: e => `ct load ${e.key} => ${reg(e.dest)}${direction(e.direction)}`,
  ct_set: e => `ct set ${e.key} with ${reg(e.source)}${direction(e.direction)}`,
  cmp: e => `cmp ${e.operator} ${reg(e.source)} ${valueText(e.value)}`,
  range: e => `range ${e.invert ? 'neq' : 'eq'} ${reg(e.source)} ${valueText(e.from)} ${valueText(e.to)}`,
  bitwise,
  bitwise_shift: bitwiseShift,
  bitwise_register: bitwiseRegister,
  byteorder,
  lookup,
  immediate: e => `immediate ${reg(e.dest)} ${valueText(e.value)}`,
  verdict: e => `immediate reg 0 ${verdictText(e.verdict)}`,
  counter: e => `counter pkts ${e.packets} bytes ${e.bytes}`,
  limit,
  quota: e => `quota bytes ${e.bytes} consumed ${e.consumed} flags ${e.over ? 1 : 0}`,
  log,
  objref: e => `objref type ${e.type} name ${e.name}`,
  objref_map: (e, setName) => `objref sreg ${registerNumber(e.source)} set ${setName(e.set)}`,
  numgen,
  hash,
  reject: e => `reject type ${e.type} code ${e.code}`,
  notrack: () => 'notrack',
  last: e => `last ${e.milliseconds ?? 'never'}`,
  connlimit: e => `connlimit count ${e.count} flags ${e.over ? 1 : 0}`,
  fib,
  rt: e => `rt load ${e.key} => ${reg(e.dest)}`,
  socket: e => `socket load ${e.key} => ${reg(e.dest)}`,
  osf: e => `osf dreg ${registerNumber(e.dest)}`,
  xfrm: e => `xfrm load ${e.direction} ${e.spnum} ${e.key} => ${reg(e.dest)}`,
  tunnel: e => `tunnel load ${e.key} => ${reg(e.dest)}`,
  inner,
  nat,
  masq: e => `masq${ports(e)}${natFlags(e.flags)}`,
  redir: e => `redir${ports(e)}${natFlags(e.flags)}`,
  tproxy,
  queue,
  queue_register: e => `queue sreg_qnum ${registerNumber(e.source)}${queueFlags(e.flags)}`,
  dup,
  fwd,
  synproxy: e => `synproxy mss ${e.mss} wscale ${e.wscale}`,
  dynset,
  flow_offload: e => `flow_offload flowtable ${e.flowtable}`,
  other: e => e.text,
};

/** What stands between the brackets of an expression's line. */
export function expressionText(expression: Expression, setName: SetName): string {
  // The table is keyed by `op`, but TypeScript cannot tie the key to the argument.
  const print = printers[expression.op] as (e: Expression, setName: SetName) => string;
  return print(expression, setName);
}
