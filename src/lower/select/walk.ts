// Subprograms that look for an extension header or an option (nft_exthdr.c; facts 69, 70 and 72 of docs/semantics.md). All
// of them read through helpers and return the offset of what was found, or -1. Their frame: what helpers copied, then the
// arguments.

import {
  add64,
  and32,
  endian,
  exit,
  jump,
  jumpIf,
  load,
  lsh32,
  mayGoto,
  mov32,
  mov64,
  R0,
  R1,
  R2,
  R3,
  R4,
  R8,
  R9,
  R10,
  rsh32,
  store,
  storeImm,
} from '../../bpf-asm/build.ts';
import type { TargetCode } from '../hooks/code.ts';
import type { Code } from './code.ts';

const COPIED = -8;
const SOURCE = -32;
const START = -40;
const KIND = -48;
const REACH = -56;
/** Not aligned to 8, so that the verifier does not know what was stored. */
const OPAQUE = -60;

const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
/** Those that the walk steps over: hop-by-hop, routing, fragment, authentication, destination options. */
export const extensionHeaders: readonly number[] = [0, ROUTING, FRAGMENT, AUTHENTICATION, 60];
const fixedHeader = 40;
const nextHeader = 6;
const largestOffset = 0xfffff;

class Walk {
  readonly code: Code;
  readonly none: string;
  readonly head: string;
  private readonly target: TargetCode;

  constructor(code: Code, target: TargetCode) {
    this.code = code;
    this.target = target;
    this.none = code.fresh('none');
    this.head = code.fresh('head');
    code.emit(store(8, R10, SOURCE, R1), store(8, R10, START, R2), store(8, R10, KIND, R3));
    code.emit(store(8, R10, REACH, R4), storeImm(8, R10, COPIED, 0));
  }

  /** Copies bytes from `index` + `offset` behind the start; `length` may be in R3 already. */
  copy(offset: number, length: number | 'R3', index?: typeof R8): void {
    const { code } = this;
    code.emit(load(8, R1, R10, SOURCE), load(8, R2, R10, START));
    if (index !== undefined) code.emit(add64(R2, index));
    if (offset !== 0) code.emit(add64(R2, offset));
    if (length !== 'R3') code.emit(mov32(R3, length));
    this.target.copyInSubprogram(code, this.none);
  }

  /**
   * A number that the verifier does not know: with a known one at the start it would tell the rounds of the walk apart, and
   * follow each of them.
   */
  begin(register: typeof R8, value: number): void {
    this.code.emit(storeImm(4, R10, OPAQUE, value), load(4, register, R10, OPAQUE));
    this.code.label(this.head);
  }

  /** The offset in `register` is the result. */
  found(register: typeof R8): void {
    this.code.emit(mov64(R0, register), exit());
  }

  finish(): void {
    this.code.label(this.none);
    this.code.emit(mov64(R0, -1), exit());
  }
}

/** find_ipv6_header(source, network, header): from the network header. */
export function emitFindHeader(code: Code, target: TargetCode): void {
  const walk = new Walk(code, target);
  const [step, short, plain, other, length, on] = ['step', 'short', 'plain', 'other', 'length', 'on'].map(
    name => code.fresh(name),
  ) as [string, string, string, string, string, string];
  walk.copy(nextHeader, 1);
  code.emit(load(1, R9, R10, COPIED));
  walk.begin(R8, fixedHeader);
  for (const header of extensionHeaders) code.emit(jumpIf('eq', R9, header, step));
  code.emit(load(8, R1, R10, KIND), jumpIf('ne', R9, R1, walk.none));
  walk.found(R8);
  code.label(step);
  code.emit(mayGoto(walk.none), jumpIf('gt', R8, largestOffset, walk.none), mov32(R3, 4));
  code.emit(jumpIf('eq', R9, ROUTING, short), jumpIf('eq', R9, FRAGMENT, short), mov32(R3, 2));
  code.label(short);
  walk.copy(0, 'R3', R8);
  // A later fragment ends the walk: only its own header can be found.
  code.emit(jumpIf('ne', R9, FRAGMENT, plain), load(2, R1, R10, COPIED + 2), and32(R1, 0xf8ff));
  code.emit(jumpIf('eq', R1, 0, plain), load(8, R1, R10, KIND), jumpIf('ne', R1, FRAGMENT, walk.none));
  walk.found(R8);
  code.label(plain);
  code.emit(load(8, R1, R10, KIND), jumpIf('ne', R9, R1, other));
  walk.found(R8);
  code.label(other);
  code.emit(load(1, R1, R10, COPIED + 1), mov32(R2, 8), jumpIf('eq', R9, FRAGMENT, on));
  code.emit(jumpIf('ne', R9, AUTHENTICATION, length), mov64(R2, R1), add64(R2, 2), lsh32(R2, 2), jump(on));
  code.label(length);
  code.emit(mov64(R2, R1), add64(R2, 1), lsh32(R2, 3));
  code.label(on);
  code.emit(add64(R8, R2), load(1, R9, R10, COPIED), jump(walk.head));
  walk.finish();
}

const tcpHeader = 20;
const dataOffset = 12;

/** find_tcp_option(source, transport, kind, reach): from the transport header; `reach` bytes of it have to be there. */
export function emitFindOption(code: Code, target: TargetCode): void {
  const walk = new Walk(code, target);
  const [one, have, next] = ['one', 'have', 'next'].map(name => code.fresh(name)) as [string, string, string];
  walk.copy(dataOffset, 1);
  code.emit(load(1, R8, R10, COPIED), rsh32(R8, 4), lsh32(R8, 2), jumpIf('lt', R8, tcpHeader, walk.none));
  walk.copy(-1, 1, R8);
  walk.begin(R9, tcpHeader);
  code.emit(mayGoto(walk.none), mov64(R1, R8), add64(R1, -1), jumpIf('ge', R9, R1, walk.none));
  walk.copy(0, 2, R9);
  code.emit(load(1, R1, R10, COPIED), load(1, R2, R10, COPIED + 1), jumpIf('le', R1, 1, one));
  code.emit(jumpIf('ne', R2, 0, have));
  code.label(one);
  code.emit(mov32(R2, 1));
  code.label(have);
  code.emit(load(8, R3, R10, KIND), jumpIf('ne', R1, R3, next));
  code.emit(mov64(R4, R9), add64(R4, R2), jumpIf('gt', R4, R8, walk.none));
  code.emit(load(8, R4, R10, REACH), jumpIf('gt', R4, R2, walk.none));
  walk.found(R9);
  code.label(next);
  code.emit(add64(R9, R2), jump(walk.head));
  walk.finish();
}

const sctpHeader = 12;
const chunkHeader = 4;

/** find_sctp_chunk(source, transport, type, reach): from the transport header; `reach` is 0 if only its presence counts. */
export function emitFindChunk(code: Code, target: TargetCode): void {
  const walk = new Walk(code, target);
  const [next, found] = [code.fresh('next'), code.fresh('found')];
  walk.begin(R8, sctpHeader);
  code.emit(mayGoto(walk.none), jumpIf('gt', R8, largestOffset, walk.none));
  walk.copy(0, chunkHeader, R8);
  code.emit(load(2, R9, R10, COPIED + 2), endian('be16', R9), jumpIf('eq', R9, 0, walk.none));
  code.emit(load(1, R1, R10, COPIED), load(8, R2, R10, KIND), jumpIf('ne', R1, R2, next));
  code.emit(load(8, R2, R10, REACH), jumpIf('eq', R2, 0, found), jumpIf('gt', R2, R9, walk.none));
  // All of the chunk has to be there.
  code.emit(add64(R9, R8));
  walk.copy(-1, 1, R9);
  code.label(found);
  walk.found(R8);
  code.label(next);
  code.emit(add64(R9, 3), and32(R9, 0x1fffc), add64(R8, R9), jump(walk.head));
  walk.finish();
}
