// reject: which answer, and for which packets it can be given.

import { type Datatype, icmpCodeType, icmpv6CodeType, icmpxCodeType } from '../../model/datatype.ts';
import type { Family } from '../../model/family.ts';
import { protocolLink } from '../../model/protocol.ts';
import type { Expression, RejectStatement } from '../nodes/index.ts';
import { testNext } from './dependency.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { prependTest } from './implied-test.ts';
import { unwrap } from './list.ts';
import { readLiteral } from './literal/literal.ts';
import { knownProtocol } from './protocol-context.ts';
import type { TypedStatement } from './typed.ts';

/** NFT_REJECT_* */
const rejectTypes = { icmp: 0, 'tcp reset': 1, icmpx: 2 } as const;

interface Answer {
  readonly with: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp reset';
  readonly code: number;
}

type Network = 'ip' | 'ip6';

const portUnreachable = { icmp: 3, icmpv6: 4, icmpx: 1 } as const;

const codeTypes: Readonly<Record<'icmp' | 'icmpv6' | 'icmpx', Datatype>> = {
  icmp: icmpCodeType,
  icmpv6: icmpv6CodeType,
  icmpx: icmpxCodeType,
};

export function evaluateReject(evaluation: Evaluation, statement: RejectStatement): TypedStatement {
  const { span } = statement;
  if (evaluation.family === 'arp') fail('invalid-for-family', 'reject cannot be used with arp', span);
  const answer = answerOf(evaluation, statement);
  if (answer.with === 'tcp reset') checkReset(evaluation, statement);
  checkFamily(evaluation, statement, answer);
  const type = answer.with === 'icmpv6' ? rejectTypes.icmp : rejectTypes[answer.with];
  return { kind: 'reject', type, code: answer.code, span };
}

function answerOf(evaluation: Evaluation, statement: RejectStatement): Answer {
  const { with: written, code } = statement;
  if (written === undefined) return defaultAnswer(evaluation);
  if (written === 'tcp reset' || code === undefined) return { with: written, code: 0 };
  return { with: written, code: answerCode(evaluation, written, code) };
}

/** The kernel translates these codes, and knows so many. */
const largestIcmpx = 3n;

/** nft keeps the code in a signed byte, in which -1 and in some families all below 0 mean that there is none. */
const largestCode = (family: Family): bigint => (family === 'ip' || family === 'ip6' ? 254n : 127n);

function answerCode(evaluation: Evaluation, kind: 'icmp' | 'icmpv6' | 'icmpx', code: Expression): number {
  const written = unwrap(code);
  if (written.kind !== 'symbol' && written.kind !== 'number')
    return fail('not-a-value', 'expected the code of the answer', code.span);
  const text = written.kind === 'number' ? String(written.value) : written.text;
  const value = readLiteral({ text, span: code.span }, codeTypes[kind], evaluation.options);
  const largest = kind === 'icmpx' ? largestIcmpx : largestCode(evaluation.family);
  if (value > largest) fail('value-out-of-range', `the code of this answer is at most ${largest}`, code.span);
  return Number(value);
}

function knownNetwork(evaluation: Evaluation): string | undefined {
  return evaluation.protocols.at('network')?.name;
}

/** Port unreachable, in the protocol that the rule is about; in both if it is about none. */
function defaultAnswer(evaluation: Evaluation): Answer {
  const { family } = evaluation;
  const network = family === 'ip' || family === 'ip6' ? family : knownNetwork(evaluation);
  if (network === undefined) return { with: 'icmpx', code: portUnreachable.icmpx };
  const kind = network === 'ip6' ? 'icmpv6' : 'icmp';
  return { with: kind, code: portUnreachable[kind] };
}

function checkReset(evaluation: Evaluation, { span }: RejectStatement): void {
  const transport = evaluation.protocols.at('transport');
  if (transport !== undefined && transport.name !== 'tcp')
    fail('conflicting-protocols', `a TCP reset does not answer ${transport.name}`, span);
}

function checkFamily(evaluation: Evaluation, statement: RejectStatement, answer: Answer): void {
  const { family } = evaluation;
  if (family === 'ip' || family === 'ip6') {
    if (answer.with === 'icmpx')
      fail('invalid-for-family', 'icmpx is for tables of both protocols', statement.span);
    if (answer.with !== 'tcp reset' && networkOf(answer) !== family)
      fail(
        'conflicting-protocols',
        `${answer.with} does not answer packets of family ${family}`,
        statement.span,
      );
  } else if (family === 'inet') checkInet(evaluation, statement, answer);
  else checkLink(evaluation, statement, answer);
  if (answer.with !== 'icmpx') implyProtocol(evaluation, statement, answer);
}

function networkOf(answer: Answer): Network {
  return answer.with === 'icmpv6' ? 'ip6' : 'ip';
}

function checkInet(evaluation: Evaluation, statement: RejectStatement, answer: Answer): void {
  const network = knownNetwork(evaluation);
  if (network === undefined || answer.with === 'tcp reset' || answer.with === 'icmpx') return;
  if (network !== 'ip' && network !== 'ip6')
    fail('ambiguous-reject', 'say which answer is to be sent: reject with …', statement.span);
  if (network !== networkOf(answer))
    fail('conflicting-protocols', `${answer.with} does not answer packets of ${network}`, statement.span);
}

/** bridge and netdev. */
function checkLink(evaluation: Evaluation, statement: RejectStatement, answer: Answer): void {
  const link = evaluation.protocols.at('link');
  const isKnown = link?.name === 'ether' || link?.name === 'vlan' || link?.name === 'netdev';
  if (!isKnown) fail('invalid-for-family', 'packets of this link layer cannot be rejected', statement.span);
  const network = knownNetwork(evaluation);
  if (network === undefined || link === undefined) return;
  const carries = (network === 'ip' || network === 'ip6') && protocolLink(link, network) !== undefined;
  if (!carries) fail('invalid-for-family', `packets of ${network} cannot be rejected`, statement.span);
  const isIcmp = answer.with === 'icmp' || answer.with === 'icmpv6';
  if (isIcmp && network !== networkOf(answer))
    fail('conflicting-protocols', `${answer.with} does not answer packets of ${network}`, statement.span);
}

/** What the answer needs is tested at the start of the rule, so that nothing happens to packets not rejected. */
function implyProtocol(evaluation: Evaluation, statement: RejectStatement, answer: Answer): void {
  const { family, protocols } = evaluation;
  const { span } = statement;
  if (answer.with === 'tcp reset') {
    if (protocols.at('transport') !== undefined) return;
    const lower = protocols.at('network') ?? knownProtocol('inet-service');
    prependTest(evaluation, () => testNext(evaluation, lower, knownProtocol('tcp'), span));
    return;
  }
  if (family === 'ip' || family === 'ip6' || protocols.at('network') !== undefined) return;
  const link = protocols.at('link');
  if (link === undefined) return;
  const lower = family === 'bridge' && link.name === 'ether' ? knownProtocol('netdev') : link;
  prependTest(evaluation, () => testNext(evaluation, lower, knownProtocol(networkOf(answer)), span));
}
