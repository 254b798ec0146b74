// Selectors: what reads something from the packet or its surroundings.

import type {
  CtExpression,
  DccpOptionExpression,
  Expression,
  ExthdrExistsExpression,
  ExthdrExpression,
  FibExpression,
  FibFlag,
  InnerExpression,
  InnerField,
  IpOptionExpression,
  IpsecExpression,
  JhashExpression,
  MetaExpression,
  NumberLiteral,
  NumgenExpression,
  OsfExpression,
  PayloadExpression,
  PayloadProtocol,
  RawPayloadExpression,
  RawTcpOptionExpression,
  RtExpression,
  SctpChunkExpression,
  SocketExpression,
  SymhashExpression,
  TcpOptionExpression,
  TunnelExpression,
} from '../../ast/nodes/index.ts';
import { type Branch, type Derivation, isBranch, isLeaf, listMembers } from '../derivation.ts';
import { type Build, type Compiler, type Constructor, constant, keyword, node, part } from './compiler.ts';

/** Keywords of a branch's own leaves, in order. */
const keywords = (branch: Branch): readonly string[] => branch.children.filter(isLeaf).map(keyword);

const payload: Constructor = branch => {
  const [protocol, ...field] = keywords(branch);
  return node(
    branch,
    (): Omit<PayloadExpression, 'span'> => ({
      kind: 'payload',
      protocol: protocol as PayloadProtocol,
      field: field.join(' '),
    }),
  );
};

/** Longest raw payload in bits: what the largest registers hold. */
const longestRaw = 512n;

/** Refuses a raw load of no bits, or of more than registers hold. */
function checkRawLength(length: Build<NumberLiteral>, compiler: Compiler): void {
  compiler.check(view => {
    const { value, span } = length(view);
    if (value >= 1n && value <= longestRaw) return undefined;
    const message = `a raw load has 1 to ${longestRaw} bits, not ${value}`;
    return { code: 'value-out-of-range', severity: 'error', message, span };
  });
}

const rawPayload: Constructor = (branch, compiler) => {
  const [, base] = keywords(branch);
  const offset = compiler.build<NumberLiteral>(branch.children[3]);
  const length = compiler.build<NumberLiteral>(branch.children[5]);
  checkRawLength(length, compiler);
  return node(
    branch,
    (view): Omit<RawPayloadExpression, 'span'> => ({
      kind: 'raw_payload',
      base: base as RawPayloadExpression['base'],
      offset: offset(view),
      length: length(view),
    }),
  );
};

const inner: Constructor = (branch, compiler) => {
  const tunnel = keyword(branch.children[0]) as InnerExpression['tunnel'];
  const expression = compiler.build<InnerField>(branch.children[1]);
  return node(
    branch,
    (view): Omit<InnerExpression, 'span'> => ({
      kind: 'inner',
      tunnel,
      expression: expression(view),
    }),
  );
};

/** Fields that exist for each kind of IP option. */
const ipOptionFields: Readonly<Record<string, readonly string[]>> = {
  lsrr: ['type', 'length', 'ptr', 'addr'],
  rr: ['type', 'length', 'ptr', 'addr'],
  ssrr: ['type', 'length', 'ptr', 'addr'],
  ra: ['type', 'length', 'value'],
};

const ipOption: Constructor = (branch, compiler) => {
  const [, , option, field] = keywords(branch);
  if (field !== undefined && !ipOptionFields[option!]!.includes(field)) {
    const known = ipOptionFields[option!]!.join(', ');
    compiler.refuse(branch, 'unknown-field', `ip option ${option} has no field ${field}; it has ${known}`);
  }
  return node(
    branch,
    (): Omit<IpOptionExpression, 'span'> => ({
      kind: 'ip_option',
      option: option as IpOptionExpression['option'],
      ...constant('field', field as IpOptionExpression['field']),
    }),
  );
};

/** Names of options that a branch `optionName` or a number stands for. */
function optionKind(derivation: Derivation | undefined, compiler: Compiler): Build<string | NumberLiteral> {
  if (isBranch(derivation ?? null) && (derivation as Branch).name === 'optionName') {
    const name = keyword((derivation as Branch).children[0]);
    return () => (name === 'sack0' ? 'sack' : name);
  }
  const number = compiler.build<NumberLiteral>(derivation);
  checkByte(number, compiler);
  return number;
}

function checkByte(number: Build<NumberLiteral>, compiler: Compiler): void {
  compiler.check(view => {
    const { value, span } = number(view);
    const message = `the number of an option is at most 255, not ${value}`;
    return value <= 255n ? undefined : { code: 'value-out-of-range', severity: 'error', message, span };
  });
}

const tcpOption: Constructor = (branch, compiler) => {
  const option = optionKind(branch.children[2], compiler);
  const field = branch.children[3] === undefined ? undefined : 'length';
  return node(
    branch,
    (view): Omit<TcpOptionExpression, 'span'> => ({
      kind: 'tcp_option',
      option: option(view),
      ...constant('field', field),
    }),
  );
};

const tcpOptionField: Constructor = branch => {
  const [name, field] = keywords(branch.children[2] as Branch);
  const option = name === 'sack0' ? 'sack' : name!;
  return node(
    branch,
    (): Omit<TcpOptionExpression, 'span'> => ({ kind: 'tcp_option', option, ...constant('field', field) }),
  );
};

const rawTcpOption: Constructor = (branch, compiler) => {
  const option = optionKind(branch.children[3], compiler);
  const offset = compiler.build<NumberLiteral>(branch.children[5]);
  const length = compiler.build<NumberLiteral>(branch.children[7]);
  checkRawLength(length, compiler);
  return node(
    branch,
    (view): Omit<RawTcpOptionExpression, 'span'> => ({
      kind: 'raw_tcp_option',
      option: option(view),
      offset: offset(view),
      length: length(view),
    }),
  );
};

const optionStripTarget: Constructor = (branch, compiler) => {
  const option = optionKind(branch.children[3], compiler);
  return node(
    branch,
    (view): Omit<TcpOptionExpression, 'span'> => ({ kind: 'tcp_option', option: option(view) }),
  );
};

const sctpChunk: Constructor = branch => {
  const [chunk, field] = keywords(branch.children[2] as Branch);
  return node(
    branch,
    (): Omit<SctpChunkExpression, 'span'> => ({
      kind: 'sctp_chunk',
      chunk: chunk!,
      ...constant('field', field),
    }),
  );
};

const dccpOption: Constructor = (branch, compiler) => {
  const option = compiler.build<NumberLiteral>(branch.children[2]);
  checkByte(option, compiler);
  return node(
    branch,
    (view): Omit<DccpOptionExpression, 'span'> => ({ kind: 'dccp_option', option: option(view) }),
  );
};

const exthdr: Constructor = (branch, compiler) => {
  const [header, field] = keywords(branch);
  const index = compiler.optional<NumberLiteral>(branch.children[3]);
  return node(
    branch,
    (view): Omit<ExthdrExpression, 'span'> => ({
      kind: 'exthdr',
      header: header as ExthdrExpression['header'],
      field: field!,
      ...part('index', index, view),
    }),
  );
};

const exthdrExists: Constructor = branch => {
  const [, header] = keywords(branch);
  return node(
    branch,
    (): Omit<ExthdrExistsExpression, 'span'> => ({
      kind: 'exthdr_exists',
      header: header as ExthdrExistsExpression['header'],
    }),
  );
};

const canonicalMetaKey = (key: string): string => (key === 'secpath' ? 'ipsec' : key);

/** The builder of `meta key` or a bare `key`, whatever stands behind it in the branch. */
export function metaTarget(branch: Branch): Build<MetaExpression> {
  const qualified = keyword(branch.children[0]) === 'meta';
  const key = canonicalMetaKey(keyword(branch.children[qualified ? 1 : 0]));
  const target = { name: 'meta', children: branch.children.slice(0, qualified ? 2 : 1) };
  return node(
    target,
    (): Omit<MetaExpression, 'span'> => ({ kind: 'meta', key, qualified }),
  ) as Build<MetaExpression>;
}

/** The builder of `ct [direction] key`, whatever stands behind it in the branch. */
export function ctTarget(branch: Branch): Build<CtExpression> {
  const words = keywords(branch);
  const end = words.includes('set') ? words.indexOf('set') : words.length;
  const directed = words[1] === 'original' || words[1] === 'reply';
  const [first, second] = words.slice(directed ? 2 : 1, end);
  const target = { name: 'ct', children: branch.children.slice(0, end) };
  return node(
    target,
    (): Omit<CtExpression, 'span'> => ({
      kind: 'ct',
      key: second ?? first!,
      ...constant('direction', directed ? (words[1] as 'original' | 'reply') : undefined),
      ...constant('family', second === undefined ? undefined : (first as 'ip' | 'ip6')),
    }),
  ) as Build<CtExpression>;
}

const fib: Constructor = branch => {
  const flags = listMembers(branch.children[1]!)
    .map(keyword)
    .filter(flag => flag !== '.') as FibFlag[];
  const result = keyword(branch.children[2]) as FibExpression['result'];
  return node(branch, (): Omit<FibExpression, 'span'> => ({ kind: 'fib', flags, result }));
};

const checkedFib: Constructor = (branch, compiler) => {
  const flags = listMembers(branch.children[1]!).map(keyword);
  const refuse = (message: string): void => compiler.refuse(branch.children[1]!, 'invalid-fib', message);
  if (flags.includes('saddr') === flags.includes('daddr')) refuse('fib needs one of saddr and daddr');
  if (flags.includes('iif') && flags.includes('oif')) refuse('fib takes one of iif and oif');
  return fib(branch, compiler);
};

const rt: Constructor = branch => {
  const family = keyword(branch.children[1] ?? undefined);
  const key = keyword(branch.children[2]) as RtExpression['key'];
  return node(
    branch,
    (): Omit<RtExpression, 'span'> => ({
      kind: 'rt',
      key,
      ...constant('family', family === '' ? undefined : (family as 'ip' | 'ip6')),
    }),
  );
};

const socket: Constructor = (branch, compiler) => {
  const key = keyword(branch.children[1]) as SocketExpression['key'];
  const level = compiler.optional<NumberLiteral>(branch.children[3]);
  return node(
    branch,
    (view): Omit<SocketExpression, 'span'> => ({ kind: 'socket', key, ...part('level', level, view) }),
  );
};

const osf: Constructor = branch => {
  const ttl = branch.children[1];
  const mode = ttl === null ? undefined : (keyword((ttl as Branch).children[1]) as 'loose' | 'skip');
  const key = keyword(branch.children[2]) as OsfExpression['key'];
  return node(branch, (): Omit<OsfExpression, 'span'> => ({ kind: 'osf', key, ...constant('ttl', mode) }));
};

const numgen: Constructor = (branch, compiler) => {
  const mode = keyword(branch.children[1]) as NumgenExpression['mode'];
  const modulus = compiler.build<NumberLiteral>(branch.children[3]);
  const offset = compiler.optional<NumberLiteral>(branch.children[4]);
  return node(
    branch,
    (view): Omit<NumgenExpression, 'span'> => ({
      kind: 'numgen',
      mode,
      modulus: modulus(view),
      ...part('offset', offset, view),
    }),
  );
};

const jhash: Constructor = (branch, compiler) => {
  const expression = compiler.build<Expression>(branch.children[1]);
  const modulus = compiler.build<NumberLiteral>(branch.children[3]);
  const seed = compiler.optional<NumberLiteral>(branch.children[4]);
  const offset = compiler.optional<NumberLiteral>(branch.children[5]);
  return node(
    branch,
    (view): Omit<JhashExpression, 'span'> => ({
      kind: 'jhash',
      expression: expression(view),
      modulus: modulus(view),
      ...part('seed', seed, view),
      ...part('offset', offset, view),
    }),
  );
};

const symhash: Constructor = (branch, compiler) => {
  const modulus = compiler.build<NumberLiteral>(branch.children[2]);
  const offset = compiler.optional<NumberLiteral>(branch.children[3]);
  return node(
    branch,
    (view): Omit<SymhashExpression, 'span'> => ({
      kind: 'symhash',
      modulus: modulus(view),
      ...part('offset', offset, view),
    }),
  );
};

const ipsec: Constructor = (branch, compiler) => {
  const spnum = compiler.optional<NumberLiteral>(branch.children[2]);
  if (spnum) checkSpnum(spnum, compiler);
  const [, direction, ...rest] = keywords(branch);
  const key = rest[rest.length - 1] as IpsecExpression['key'];
  const family = rest.length === 2 ? (rest[0] as 'ip' | 'ip6') : undefined;
  return node(
    branch,
    (view): Omit<IpsecExpression, 'span'> => ({
      kind: 'ipsec',
      direction: direction as 'in' | 'out',
      ...part('spnum', spnum, view),
      key,
      ...constant('family', family),
    }),
  );
};

function checkSpnum(number: Build<NumberLiteral>, compiler: Compiler): void {
  compiler.check(view => {
    const { value, span } = number(view);
    const message = `spnum is at most 255, not ${value}`;
    return value <= 255n ? undefined : { code: 'value-out-of-range', severity: 'error', message, span };
  });
}

const tunnel: Constructor = branch => {
  const key = keyword(branch.children[1]) as TunnelExpression['key'];
  return node(branch, (): Omit<TunnelExpression, 'span'> => ({ kind: 'tunnel', key }));
};

export const selectorConstructors: readonly (readonly [string, Constructor])[] = [
  ['payload', payload],
  ['rawPayload', rawPayload],
  ['inner', inner],
  ['ipOption', ipOption],
  ['tcpOption', tcpOption],
  ['tcpOptionField', tcpOptionField],
  ['rawTcpOption', rawTcpOption],
  ['optionStripTarget', optionStripTarget],
  ['sctpChunk', sctpChunk],
  ['dccpOption', dccpOption],
  ['exthdr', exthdr],
  ['exthdrExists', exthdrExists],
  ['meta', metaTarget],
  ['ct', ctTarget],
  ['fib', checkedFib],
  ['rt', rt],
  ['socket', socket],
  ['osf', osf],
  ['numgen', numgen],
  ['jhash', jhash],
  ['symhash', symhash],
  ['ipsec', ipsec],
  ['tunnel', tunnel],
];
