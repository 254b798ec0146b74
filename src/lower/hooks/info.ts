// nf_tables' set-up of a packet (`struct nft_pktinfo`; section 1 of docs/semantics.md): R9 = l4 protocol or
// `unknownProtocol`, R8 = transport header. At the hooks of a device headers are checked first (facts 1 and 2); at the
// inet hooks the stack did that.
//
// The fast copy knows IPv4 and IPv6 without extension headers. Packets with extension headers go on in the slow copy,
// which walks them as ipv6_find_hdr does (facts 3 to 5).

import {
  add32,
  add64,
  and32,
  endian,
  jump,
  jumpIf,
  load,
  lsh32,
  mayGoto,
  mov32,
  mov64,
  R1,
  R2,
  R3,
  R5,
  R7,
  R8,
  R9,
  R10,
  type Register,
  rsh32,
  store,
  storeImm,
} from '../../bpf-asm/build.ts';
import type { Code } from '../select/code.ts';
import type { Copy } from '../select/copy.ts';
import { guard, needEnd } from '../select/packet.ts';
import { BUFFER, FRAGMENT, OPAQUE } from '../select/stack.ts';
import { fragmentMask, fragmentOffset, laterFragment, unknownProtocol, unknownTransport } from './code.ts';
import { loadedType } from './context.ts';

/** What differs between the places where headers are looked at. */
export interface InfoSource {
  /** Headers are checked before they are believed. */
  readonly isChecked: boolean;
  /** Leaves for `unknown` if less than R2 bytes lie between the network header and the packet's end. R3 may be used. */
  readonly needPresent: (copy: Copy, unknown: string) => void;
  /** R1 = skb->protocol as loaded. Not needed where `facts.protocol` is always known. */
  readonly loadProtocol: (code: Code) => void;
  /** What R8 is in a later IPv6 fragment: nf_tables leaves the offset from skb->data at 0 (fact 3). */
  readonly laterFragment: (code: Code, dst: Register) => void;
  /** Bytes between skb->data and the network header, which count for the largest transport offset. */
  readonly networkOffset: number;
}

const version4 = 0x45;
/** Largest header length above 5 words. */
const optionWords = 10;
const addressOf = { protocol4: 9, length4: 2, next6: 6, length6: 4 } as const;
const header4 = 20;
const header6 = 40;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const ROUTING = 43;
const FRAGMENT_HEADER = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;

/** R1 = IPv4 header length in bytes, from the first byte in R1. */
function headerLength(code: Code, isChecked: boolean, unknown: string): void {
  if (!isChecked) {
    code.emit(and32(R1, 0x0f), lsh32(R1, 2));
    return;
  }
  // Version 4 and at least 5 words: 0x45 ... 0x4f.
  code.emit(add32(R1, -version4), jumpIf('gt', R1, optionWords, unknown, { width: 32 }));
  code.emit(lsh32(R1, 2), add32(R1, header4));
}

function fast4(copy: Copy, source: InfoSource, unknown: string): void {
  const { code } = copy;
  if (source.isChecked) guard(copy, 'network', header4, () => unknown);
  code.emit(load(1, R1, R7, 0));
  headerLength(code, source.isChecked, unknown);
  if (source.isChecked) {
    code.emit(load(2, R2, R7, addressOf.length4), endian('be16', R2), jumpIf('lt', R2, R1, unknown));
    source.needPresent(copy, unknown);
  }
  if (copy.compilation.needsFragment) {
    code.emit(load(2, R3, R7, fragmentOffset), and32(R3, fragmentMask), store(8, R10, FRAGMENT, R3));
  }
  code.emit(mov64(R8, R7), add64(R8, R1), load(1, R9, R7, addressOf.protocol4));
  proveTransport(copy);
}

/** Shorter packets go on in the slow copy. */
function proveTransport(copy: Copy): void {
  const { transportProof } = copy.compilation;
  if (transportProof === 0) return;
  needEnd(copy);
  copy.code.emit(mov64(R1, R8), add64(R1, transportProof), jumpIf('gt', R1, R5, copy.slowly()));
}

function fast6(copy: Copy, source: InfoSource, unknown: string): void {
  const { code } = copy;
  if (source.isChecked) {
    guard(copy, 'network', header6, () => unknown);
    code.emit(load(1, R1, R7, 0), rsh32(R1, 4), jumpIf('ne', R1, 6, unknown, { width: 32 }));
    code.emit(load(2, R2, R7, addressOf.length6), endian('be16', R2), add32(R2, header6));
    source.needPresent(copy, unknown);
  }
  const plain = code.fresh('plain');
  code.emit(load(1, R9, R7, addressOf.next6));
  code.emit(jumpIf('eq', R9, TCP, plain), jumpIf('eq', R9, UDP, plain));
  code.emit(jumpIf('ne', R9, ICMPV6, copy.slowly()));
  code.label(plain);
  if (copy.compilation.needsFragment) code.emit(storeImm(8, R10, FRAGMENT, 0));
  code.emit(mov64(R8, R7), add64(R8, header6));
  proveTransport(copy);
}

/** Where a packet of unknown protocol goes on: where the test that asked leads anyway, if it is one for a protocol. */
function afterUnknown(copy: Copy, done: string): string {
  const node = copy.current;
  const facts = { ...copy.facts, info: true, known: false };
  const isTest = node.kind === 'switch' && node.absent === node.otherwise;
  const isProtocol = isTest && node.field.source.from === 'meta' && node.field.source.key === 'l4proto';
  const isTransport =
    isTest && node.field.source.from === 'payload' && node.field.source.base === 'transport';
  return isProtocol || isTransport ? copy.to(node.absent, facts) : done;
}

export function fastInfo(copy: Copy, source: InfoSource): void {
  const { code } = copy;
  const [unknown, done] = [code.fresh('unknown'), code.fresh('known')];
  if (copy.target.hasPaged && copy.facts.protocol === undefined)
    guard(copy, 'network', header4, () => unknown);
  if (copy.compilation.transportProof > 0) needEnd(copy);
  const before = copy.facts;
  if (before.protocol === undefined) bothFast(copy, source, unknown, done);
  else if (before.protocol === 0x0800) fast4(copy, source, unknown);
  else if (before.protocol === 0x86dd) fast6(copy, source, unknown);
  else code.emit(mov32(R9, unknownProtocol));
  const { network, end } = copy.facts;
  const transport = copy.compilation.transportProof;
  copy.facts = { ...before, info: true, known: false, whole: false, type: false, transport };
  const after = afterUnknown(copy, done);
  // Where unknown protocols go elsewhere, what was proven on the way is known here.
  const isProven = before.protocol !== undefined && (copy.target.hasPaged || after !== done);
  if (isProven) copy.facts = { ...copy.facts, network, end };
  code.later(() => {
    code.label(unknown);
    code.emit(mov32(R9, unknownProtocol), jump(after));
  });
  code.label(done);
}

function bothFast(copy: Copy, source: InfoSource, unknown: string, done: string): void {
  const { code, facts } = copy;
  const [ip, ip6] = [code.fresh('ip'), code.fresh('ip6')];
  source.loadProtocol(code);
  code.emit(jumpIf('eq', R1, loadedType.ip6, ip6, { width: 32 }));
  code.emit(jumpIf('ne', R1, loadedType.ip, unknown, { width: 32 }));
  code.label(ip);
  fast4(copy, source, unknown);
  code.emit(jump(done));
  copy.facts = facts;
  code.label(ip6);
  fast6(copy, source, unknown);
}

function slow4(copy: Copy, source: InfoSource, unknown: string, done: string): void {
  const { code, target } = copy;
  target.copyBytes(code, { offset: 0 }, header4, BUFFER, unknown);
  code.emit(load(1, R1, R10, BUFFER));
  headerLength(code, source.isChecked, unknown);
  code.emit(mov64(R8, R1));
  if (source.isChecked) {
    code.emit(
      load(2, R2, R10, BUFFER + addressOf.length4),
      endian('be16', R2),
      jumpIf('lt', R2, R8, unknown),
    );
    source.needPresent(copy, unknown);
  }
  code.emit(load(2, R3, R10, BUFFER + fragmentOffset), and32(R3, fragmentMask));
  code.emit(
    load(1, R9, R10, BUFFER + addressOf.protocol4),
    jumpIf('eq', R3, 0, done),
    add64(R8, laterFragment),
  );
}

function slow6(copy: Copy, source: InfoSource, unknown: string, done: string): void {
  const { code, target } = copy;
  target.copyBytes(code, { offset: 0 }, header6, BUFFER, unknown);
  if (source.isChecked) {
    code.emit(load(1, R1, R10, BUFFER), rsh32(R1, 4), jumpIf('ne', R1, 6, unknown, { width: 32 }));
    code.emit(load(2, R2, R10, BUFFER + addressOf.length6), endian('be16', R2), add32(R2, header6));
    source.needPresent(copy, unknown);
  }
  code.emit(load(1, R9, R10, BUFFER + addressOf.next6), mov32(R8, header6));
  walk(copy, source, unknown, done);
}

/** Leaves for `label` if R9 is an extension header's number (`ipv6_ext_hdr`, without "no next header"). */
function ifExtension(code: Code, label: string): void {
  for (const header of [0, ROUTING, FRAGMENT_HEADER, AUTHENTICATION, DESTINATION]) {
    code.emit(jumpIf('eq', R9, header, label));
  }
}

/** `ipv6_find_hdr` with no target, stopping at an authentication header, which must be there. */
function walk(copy: Copy, source: InfoSource, unknown: string, done: string): void {
  const { code, target } = copy;
  const [head, step, read, routing, fragment, end] = [
    'walk',
    'step',
    'read',
    'routing',
    'fragment',
    'end',
  ].map(name => code.fresh(name)) as [string, string, string, string, string, string];
  code.label(head);
  ifExtension(code, step);
  code.emit(jump(end));
  code.label(step);
  code.emit(mayGoto(unknown), jumpIf('gt', R8, 0xfffff, unknown));
  target.copyBytes(code, { index: R8, offset: 0 }, 2, BUFFER, unknown);
  code.emit(jumpIf('eq', R9, AUTHENTICATION, end), jumpIf('eq', R9, FRAGMENT_HEADER, fragment));
  code.emit(jumpIf('eq', R9, ROUTING, routing));
  code.label(read);
  code.emit(load(1, R1, R10, BUFFER + 1), add32(R1, 1), lsh32(R1, 3), add64(R8, R1));
  code.emit(load(1, R9, R10, BUFFER), jump(head));
  code.label(routing);
  // Of a routing header four bytes have to be there.
  target.copyBytes(code, { index: R8, offset: 2 }, 2, BUFFER + 8, unknown);
  code.emit(jump(read));
  code.label(fragment);
  walkFragment(copy, source, unknown, done, head);
  code.label(end);
  code.emit(jumpIf('gt', R8, 0xffff - source.networkOffset, unknown));
}

/** The first fragment goes on behind the header; a later one ends the walk. */
function walkFragment(copy: Copy, source: InfoSource, unknown: string, done: string, head: string): void {
  const { code, target } = copy;
  const later = code.fresh('later');
  target.copyBytes(code, { index: R8, offset: 2 }, 2, BUFFER + 8, unknown);
  code.emit(load(1, R9, R10, BUFFER), load(2, R1, R10, BUFFER + 8), and32(R1, 0xf8ff));
  code.emit(jumpIf('ne', R1, 0, later), add64(R8, 8), jump(head));
  code.label(later);
  ifExtension(code, unknown);
  source.laterFragment(code, R8);
  code.emit(add64(R8, laterFragment), jump(done));
}

/**
 * Lets the verifier forget how R8 and R9 came about: with what it knows of them it would follow each round of the walk into
 * all that comes behind.
 */
function forgetOrigin(code: Code): void {
  code.emit(store(4, R10, OPAQUE, R8), load(4, R8, R10, OPAQUE));
  code.emit(store(4, R10, OPAQUE, R9), load(4, R9, R10, OPAQUE));
}

export function slowInfo(copy: Copy, source: InfoSource): void {
  const { code } = copy;
  const { protocols } = copy.compilation.place;
  const [unknown, done] = [code.fresh('unknown'), code.fresh('known')];
  const [only] = protocols;
  if (protocols.length !== 1) bothSlow(copy, source, unknown, done);
  else if (only === 2) slow4(copy, source, unknown, done);
  else slow6(copy, source, unknown, done);
  code.emit(jump(done));
  code.label(unknown);
  code.emit(mov32(R9, unknownProtocol), mov32(R8, unknownTransport));
  code.label(done);
  forgetOrigin(code);
}

function bothSlow(copy: Copy, source: InfoSource, unknown: string, done: string): void {
  const { code } = copy;
  const ip6 = code.fresh('ip6');
  source.loadProtocol(code);
  code.emit(jumpIf('eq', R1, loadedType.ip6, ip6, { width: 32 }));
  code.emit(jumpIf('ne', R1, loadedType.ip, unknown, { width: 32 }));
  slow4(copy, source, unknown, done);
  code.emit(jump(done));
  code.label(ip6);
  slow6(copy, source, unknown, done);
}

export function loadInfo(copy: Copy, source: InfoSource): void {
  if (copy.isSlow) slowInfo(copy, source);
  else fastInfo(copy, source);
}
