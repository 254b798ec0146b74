// Selectors: what reads something from the packet or its surroundings.

import type {
  DccpOptionExpression,
  ExthdrExistsExpression,
  ExthdrExpression,
  InnerExpression,
  InnerField,
  IpOptionExpression,
  NumberLiteral,
  PayloadExpression,
  PayloadProtocol,
  RawPayloadExpression,
  RawTcpOptionExpression,
  SctpChunkExpression,
  TcpOptionExpression,
} from '../../ast/nodes/index.ts';
import { type Branch, type Derivation, isBranch, isLeaf } from '../derivation.ts';
import { type Build, type Compiler, type Constructor, constant, keyword, node, part } from './compiler.ts';

/** Keywords of a branch's own leaves, in order. */
export const keywords = (branch: Branch): readonly string[] => branch.children.filter(isLeaf).map(keyword);

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
];
