// Extension headers and options (nft_exthdr.c): IPv6 headers, TCP options, SCTP chunks. Facts 69 to 72. IPv4 and DCCP
// options are not modelled.

import type { Expression } from '../ir.ts';
import type { Execution } from './execution.ts';
import { walkExtensionHeaders } from './ipv6-walk.ts';
import { packetLength, readBytes, readUint16 } from './packet.ts';
import { ETHERTYPE_IPV6 } from './packet-info.ts';
import { breakRule, next, notEvaluable, type Step } from './step.ts';

type Exthdr = Extract<Expression, { op: 'exthdr' }>;
/** Where the wanted bytes start, into the packet's bytes; absent if header or option are not there. */
type Found = number | undefined;

function storePresence({ registers }: Execution, { dest }: Exthdr, isPresent: boolean): Step {
  registers.writeNumber(dest, isPresent ? 1 : 0, 1);
  return next;
}

function loadFound({ packet, registers }: Execution, expression: Exthdr, start: Found): Step {
  const bytes = start === undefined ? undefined : readBytes(packet, start, expression.length);
  if (!bytes) return breakRule;
  registers.write(expression.dest, bytes);
  return next;
}

/** `nft_exthdr_ipv6_eval`: only for skb->protocol IPv6, else the rule ends, for presence tests too. */
function evaluateIpv6(execution: Execution, expression: Exthdr): Step {
  const { packet, machine } = execution;
  if (packet.protocol !== ETHERTYPE_IPV6) return breakRule;
  const goal = { target: expression.type, stopAtAuthentication: false };
  const walk = walkExtensionHeaders(packet, goal, machine.behaviour);
  if (walk.kind === 'unknown') return notEvaluable(walk.reason);
  const isFound = walk.kind === 'found' && walk.offset !== undefined;
  if (expression.present) return storePresence(execution, expression, isFound);
  return loadFound(execution, expression, isFound ? walk.offset! + expression.offset : undefined);
}

/** `nft_tcp_header_pointer`: the whole TCP header, if there is one in this packet. */
function tcpHeader({ info, packet }: Execution): Uint8Array | undefined {
  const { l4 } = info;
  if (l4?.protocol !== 6 || l4.fragmentOffset !== 0) return undefined;
  const fixed = readBytes(packet, l4.transportOffset, 20);
  const length = fixed ? (fixed[12]! >> 4) * 4 : 0;
  return length < 20 ? undefined : readBytes(packet, l4.transportOffset, length);
}

/** Bytes to step over: kinds 0 (EOL) and 1 (NOP) are single bytes, and a length of 0 counts as 1 (fact 70). */
function optionLength(header: Uint8Array, index: number): number {
  return header[index]! <= 1 ? 1 : header[index + 1]! || 1;
}

/** The first option of the wanted kind decides, even if it is too short. */
function findTcpOption(execution: Execution, { type, offset, length }: Exthdr): Found {
  const header = tcpHeader(execution);
  if (!header) return undefined;
  for (let index = 20; index < header.length - 1; index += optionLength(header, index)) {
    if (header[index] !== type) continue;
    const optionEnd = index + optionLength(header, index);
    const fits = optionEnd <= header.length && index + offset + length <= optionEnd;
    return fits ? execution.info.l4!.transportOffset + index + offset : undefined;
  }
  return undefined;
}

/** `nft_exthdr_tcp_eval`: a presence test answers 0 wherever there is no TCP header. */
function evaluateTcpOption(execution: Execution, expression: Exthdr): Step {
  const start = findTcpOption(execution, expression);
  if (expression.present) return storePresence(execution, expression, start !== undefined);
  return loadFound(execution, expression, start);
}

/** `nft_exthdr_sctp_eval`: chunks, padded to 4 bytes, from byte 12 on; a length of 0 ends the walk (fact 72). */
function findSctpChunk({ packet }: Execution, expression: Exthdr, transportOffset: number): Found {
  const end = packet.dataOffset + packetLength(packet);
  for (let start = transportOffset + 12; start < end; ) {
    const header = readBytes(packet, start, 4);
    const length = readUint16(packet, start + 2);
    if (!header || !length) return undefined;
    if (header[0] === expression.type) {
      if (expression.present) return start;
      const fits = expression.offset + expression.length <= length && start + length <= end;
      return fits ? start + expression.offset : undefined;
    }
    start += Math.ceil(length / 4) * 4;
  }
  return undefined;
}

function evaluateSctpChunk(execution: Execution, expression: Exthdr): Step {
  const { l4 } = execution.info;
  const { sctpIgnoresFragments } = execution.machine.behaviour;
  const isSctp = l4?.protocol === 132;
  const isLater = isSctp && l4.fragmentOffset !== 0;
  if (isLater && sctpIgnoresFragments === 'unknown')
    return notEvaluable('SCTP chunks in later fragments are not known for this kernel');
  const isSearched = isSctp && !(isLater && !sctpIgnoresFragments);
  const start = isSearched ? findSctpChunk(execution, expression, l4.transportOffset) : undefined;
  if (expression.present) return storePresence(execution, expression, start !== undefined);
  return loadFound(execution, expression, start);
}

export function evaluateExthdr(execution: Execution, expression: Exthdr): Step {
  switch (expression.header) {
    case 'ipv6':
      return evaluateIpv6(execution, expression);
    case 'tcpopt':
      return evaluateTcpOption(execution, expression);
    case 'sctp':
      return evaluateSctpChunk(execution, expression);
    case 'ipv4':
    case 'dccp':
      return notEvaluable(`${expression.header} options are not modelled`);
  }
}
