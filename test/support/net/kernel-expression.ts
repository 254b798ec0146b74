// Expressions of nf_tables as the kernel dumps them (uapi/linux/netfilter/nf_tables.h), as register IR: the very bytes
// that it compares and masks with, which nft's print cannot tell.

import type {
  CompareOperator,
  Expression,
  Register,
  SetId,
  Value,
  Verdict,
} from '../../../src/lower/linear/ir.ts';
import { Attributes } from './netlink.ts';

/** Sets are named in the dump; within one table the name is enough. */
export type FindSet = (name: string) => SetId;

const bases = ['link', 'network', 'transport', 'inner', 'tunnel'] as const;
const operators: readonly CompareOperator[] = ['eq', 'neq', 'lt', 'lte', 'gt', 'gte'];
const optionHeaders = ['ipv6', 'tcpopt', 'ipv4', 'sctp', 'dccp'] as const;
const directions = ['original', 'reply'] as const;

/** NFT_META_*, by number. */
const metaKeys: readonly string[] =
  `len protocol priority mark iif oif iifname oifname iiftype oiftype skuid skgid nftrace rtclassid secmark nfproto
  l4proto bri_iifname bri_oifname pkttype cpu iifgroup oifgroup cgroup prandom secpath iifkind oifkind bri_iifpvid
  bri_iifvproto time day hour sdif sdifname`.split(/\s+/);

/** NFT_CT_*, by number. */
const ctKeys: readonly string[] =
  `state direction status mark secmark expiration helper l3protocol src dst protocol proto_src proto_dst label packets
  bytes avgpkt zone event src_ip dst_ip src_ip6 dst_ip6 id`.split(/\s+/);

function number(attributes: Attributes, type: number): number {
  return Number(attributes.integer(type));
}

function registerAt(attributes: Attributes, type: number): Register {
  const dumped = number(attributes, type);
  return (dumped < 8 ? (dumped - 1) * 4 : dumped - 8) as Register;
}

/** NFTA_DATA_VALUE of a nested attribute. The order of its parts is not in the dump: they are bytes. */
export function valueAt(attributes: Attributes, type: number): Value {
  const bytes = (attributes.nested(type)?.payload(1) ?? new Uint8Array(0)).slice();
  return { bytes, parts: [{ length: bytes.length, order: 'network' }] };
}

const verdictKinds = new Map<number, Verdict['kind']>([
  [0, 'drop'],
  [1, 'accept'],
  [-1, 'continue'],
  [-3, 'jump'],
  [-4, 'goto'],
  [-5, 'return'],
]);

/** NFTA_DATA_VERDICT of a nested attribute; undefined if it holds a value. */
export function verdictAt(attributes: Attributes, type: number): Verdict | undefined {
  const verdict = attributes.nested(type)?.nested(2);
  if (!verdict) return undefined;
  const kind = verdictKinds.get(number(verdict, 1) | 0);
  if (kind === undefined) throw new Error(`an unknown verdict: ${number(verdict, 1)}`);
  return kind === 'jump' || kind === 'goto' ? { kind, chain: verdict.text(2) } : { kind };
}

function bitwise(a: Attributes): Expression {
  const shared = { source: registerAt(a, 1), dest: registerAt(a, 2), length: number(a, 3) };
  const operation = number(a, 6);
  if (operation === 0) return { op: 'bitwise', ...shared, mask: valueAt(a, 4), xor: valueAt(a, 5) };
  if (operation > 2) {
    const operator = (['and', 'or', 'xor'] as const)[operation - 3]!;
    return { op: 'bitwise_register', ...shared, operator, source2: registerAt(a, 8) };
  }
  const { bytes } = valueAt(a, 7);
  const shift = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { op: 'bitwise_shift', ...shared, direction: operation === 1 ? 'left' : 'right', shift };
}

function lookup(a: Attributes, findSet: FindSet): Expression {
  const dest = a.payload(3) && (number(a, 3) === 0 ? 'verdict' : registerAt(a, 3));
  return {
    op: 'lookup',
    source: registerAt(a, 2),
    set: findSet(a.text(1)),
    invert: (number(a, 5) & 1) !== 0,
    ...(dest !== undefined && { dest }),
  };
}

function immediate(a: Attributes): Expression {
  const verdict = verdictAt(a, 2);
  return verdict
    ? { op: 'verdict', verdict }
    : { op: 'immediate', dest: registerAt(a, 1), value: valueAt(a, 2) };
}

function meta(a: Attributes): Expression {
  const key = metaKeys[number(a, 2)]!;
  return a.payload(1)
    ? { op: 'meta', key, dest: registerAt(a, 1) }
    : { op: 'meta_set', key, source: registerAt(a, 3) };
}

function ct(a: Attributes): Expression {
  const key = ctKeys[number(a, 2)]!;
  const direction = a.payload(3) && { direction: directions[a.payload(3)![0]!]! };
  return a.payload(1)
    ? { op: 'ct', key, ...direction, dest: registerAt(a, 1) }
    : { op: 'ct_set', key, ...direction, source: registerAt(a, 4) };
}

function payload(a: Attributes): Expression {
  const field = { base: bases[number(a, 2)]!, offset: number(a, 3), length: number(a, 4) };
  if (a.payload(1)) return { op: 'payload', ...field, dest: registerAt(a, 1) };
  const checksum = {
    checksumType: number(a, 6),
    checksumOffset: number(a, 7),
    checksumFlags: number(a, 8),
  };
  return { op: 'payload_write', ...field, ...checksum, source: registerAt(a, 5) };
}

function exthdr(a: Attributes): Expression {
  return {
    op: 'exthdr',
    header: optionHeaders[number(a, 6)]!,
    type: a.payload(2)![0]!,
    offset: number(a, 3),
    length: number(a, 4),
    present: (number(a, 5) & 1) !== 0,
    dest: registerAt(a, 1),
  };
}

function hash(a: Attributes): Expression {
  return {
    op: 'hash',
    type: number(a, 7) === 0 ? 'jenkins' : 'symmetric',
    ...(a.payload(1) && { source: registerAt(a, 1), length: number(a, 3) }),
    seed: number(a, 5),
    modulus: number(a, 4),
    offset: number(a, 6),
    dest: registerAt(a, 2),
  };
}

const readers: Readonly<Record<string, (a: Attributes, findSet: FindSet) => Expression>> = {
  payload,
  bitwise,
  lookup,
  immediate,
  meta,
  ct,
  hash,
  exthdr,
  cmp: a => ({
    op: 'cmp',
    operator: operators[number(a, 2)]!,
    source: registerAt(a, 1),
    value: valueAt(a, 3),
  }),
  range: a => ({
    op: 'range',
    invert: number(a, 2) === 1,
    source: registerAt(a, 1),
    from: valueAt(a, 3),
    to: valueAt(a, 4),
  }),
  byteorder: a => ({
    op: 'byteorder',
    direction: number(a, 3) === 0 ? 'ntoh' : 'hton',
    source: registerAt(a, 1),
    dest: registerAt(a, 2),
    length: number(a, 4),
    size: number(a, 5) as 2 | 4 | 8,
  }),
  counter: a => ({ op: 'counter', packets: a.integer(2), bytes: a.integer(1) }),
  limit: a => ({
    op: 'limit',
    rate: a.integer(1),
    unit: a.integer(2),
    burst: number(a, 3),
    type: number(a, 4) === 0 ? 'packets' : 'bytes',
    over: (number(a, 5) & 1) !== 0,
  }),
  quota: a => ({
    op: 'quota',
    bytes: a.integer(1),
    consumed: a.integer(4),
    over: (number(a, 2) & 1) !== 0,
  }),
  numgen: a => ({
    op: 'numgen',
    mode: number(a, 3) === 0 ? 'inc' : 'random',
    modulus: number(a, 2),
    offset: number(a, 4),
    dest: registerAt(a, 1),
  }),
  objref: (a, findSet) =>
    a.payload(3)
      ? { op: 'objref_map', source: registerAt(a, 3), set: findSet(a.text(4)) }
      : { op: 'objref', type: number(a, 1), name: a.text(2) },
  reject: a => ({ op: 'reject', type: number(a, 1), code: a.payload(2)?.[0] ?? 0 }),
  notrack: () => ({ op: 'notrack' }),
  last: () => ({ op: 'last' }),
  log: a => ({
    op: 'log',
    flags: number(a, 6),
    ...(a.payload(2) && { prefix: a.text(2) }),
    ...(a.payload(1) ? { group: number(a, 1) } : { level: number(a, 5) }),
    ...(number(a, 3) > 0 && { snaplen: number(a, 3) }),
    ...(number(a, 4) > 0 && { queueThreshold: number(a, 4) }),
  }),
};

/** An element of an expression list: its name and its own attributes. */
export function readExpression(expression: Attributes, findSet: FindSet): Expression {
  const name = expression.text(1);
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  const attributes = expression.nested(2) ?? new Attributes(new Uint8Array(0));
  return read ? read(attributes, findSet) : { op: 'other', name, text: name, terminal: false };
}

/** The expressions of a list attribute (NFTA_LIST_ELEM each). */
export function readExpressions(list: Attributes | undefined, findSet: FindSet): Expression[] {
  return [...(list?.entries() ?? [])]
    .filter(([type]) => type === 1)
    .map(([, bytes]) => readExpression(new Attributes(bytes), findSet));
}
