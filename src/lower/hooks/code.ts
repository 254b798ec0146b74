// How a target is put into instructions. Registers: R6 is the context, R7 the network header, R8 the transport header
// (in the slow copy: its offset from the network header), R9 the l4 protocol, or `unknownProtocol`. R5 is the end of
// the linear part while `facts.end` says so; R0 to R4 are free.

import type { Register } from '../../bpf-asm/build.ts';
import type { Source } from '../flow/field.ts';
import type { Code } from '../select/code.ts';
import type { Copy } from '../select/copy.ts';
import type { Facts } from '../select/facts.ts';
import type { Located } from '../select/located.ts';
import type { KernelVersion, Place, TargetFacts } from './target.ts';

/** What R9 holds if nf_tables does not know the l4 protocol. */
export const unknownProtocol = 256;
/** The fragment offset of an IPv4 header, and its bits as a little-endian load sees them. */
export const fragmentOffset = 6;
export const fragmentMask = 0xff1f;
/** Added to R8 in the slow copy in a later fragment, and if the l4 protocol is unknown. */
export const laterFragment = 0x100000;
export const unknownTransport = 0x200000;

/** What a record is filled for: `withUser` asks for user and group of the socket. */
export interface LogDetail {
  readonly withUser: boolean;
  readonly kernel: KernelVersion;
}

export interface TargetCode extends TargetFacts {
  readonly verdicts: Readonly<Record<'accept' | 'drop', number>>;
  /** The first kernel that can run the fast copy, if not every one can. */
  readonly fastSince?: KernelVersion;
  /** Sets R6, R7 and R5; what is known then. */
  readonly enter: (code: Code, place: Place) => Facts;
  /** Sends packets that the fast copy cannot read to the slow one; emitted right behind `enter`. */
  readonly divert?: (copy: Copy) => void;
  /** Like `enter` for a program that has no fast copy: R6 and what helpers need. */
  readonly enterSlow: (code: Code, place: Place) => void;
  /** R5 = end of the linear part; only R0 to R4 are used. */
  readonly loadEnd: (code: Code) => void;
  /** Puts the l4 protocol into R9 and the transport header into R8. */
  readonly loadInfo: (copy: Copy) => void;
  /** Bytes of the network header that are in the linear part of every packet of this protocol (an EtherType). */
  readonly provenHeader: (protocol: number) => number;
  /** Whether bytes outside of the linear part can be read at all; if not, a failed guard is an absent field. */
  readonly hasPaged: boolean;
  /** Prepares the slow copy: called once, where it is entered. */
  readonly prepareSlow: (code: Code) => void;
  /**
   * Copies packet bytes to the stack: `offset` bytes behind the network header (`index` is added if given).
   * R0 to R5 are used.
   */
  readonly copyBytes: (
    code: Code,
    from: { readonly index?: Register; readonly offset: number },
    length: number,
    stack: number,
    fail: string,
  ) => void;
  /** R1 = what a subprogram reads packets from; R2 = `from` as helpers count it. */
  readonly loadArguments: (code: Code, from: { readonly index?: Register; readonly offset: number }) => void;
  /** In a subprogram: copies R3 bytes (up to 8) from R2 on, of what R1 is, to its own R10 - 8. R6 to R9 may be used. */
  readonly copyInSubprogram: (code: Code, fail: string) => void;
  /** In a subprogram: R0 = bytes of the linear part as helpers count them, of what R1 is. Only R0 is changed. */
  readonly loadLinear: (code: Code) => void;
  /** skb->protocol where only values from 0x600 on matter; absent: no different from `locate`. */
  readonly locateType?: (copy: Copy) => Located;
  /** Bytes of the link header, for both copies; `absent` is where a load that fails leads. */
  readonly locateLink: (copy: Copy, offset: number, length: number, absent: () => string) => Located;
  /** A key that is not read from the packet's headers. */
  readonly locate: (copy: Copy, source: Source, absent: () => string) => Located;
  /** `dst` = skb->len as nf_tables counts it at this hook. R1 to R3 may be used, R0 not. */
  readonly loadLength: (code: Code, dst: Register, place: Place) => void;
  /** R1 = what the subprogram for log statements reads packets from, R2 = the network header as helpers count it. R3 is kept. */
  readonly loadLogArguments: (copy: Copy) => void;
  /**
   * In that subprogram, from R6 (R1 as it came) and R7 (R2): devices, mark, protocol, family and link header of the record
   * that R9 points to. R8, which is the packet's length, becomes the bytes behind the network header. R0 to R5 may be used.
   */
  readonly fillLog: (code: Code, form: LogDetail) => void;
  /** In that subprogram: copies R8 bytes (1 to 65535) from the network header on to the record. */
  readonly copyToLog: (code: Code, fail: string) => void;
  /** Whether another run may interrupt this one on the same CPU, so that counters need atomic additions. */
  readonly isPreemptible: (place: Place) => boolean;
  /** Stores R1. */
  readonly setMeta: (code: Code, key: string) => void;
}
