// ipv6_find_hdr (net/ipv6/exthdrs_core.c): the walk over IPv6 extension headers, for the l4 protocol (fact 4) and for
// the extension header expression (fact 69), which differ in what they look for and in how they treat AH.

import type { KernelBehaviour } from './kernel-behaviour.ts';
import { type Packet, readBytes, readUint16 } from './packet.ts';

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const NO_NEXT_HEADER = 59;
const DESTINATION = 60;
const extensionHeaders = new Set([
  HOP_BY_HOP,
  ROUTING,
  FRAGMENT,
  AUTHENTICATION,
  NO_NEXT_HEADER,
  DESTINATION,
]);

export interface WalkGoal {
  /** The header to find; absent: the transport header, whatever it is. */
  readonly target?: number;
  readonly stopAtAuthentication: boolean;
}

export type WalkResult =
  /** `offset` into the packet's bytes, absent in later fragments, where the walk cannot know it. */
  | {
      readonly kind: 'found';
      readonly protocol: number;
      readonly offset?: number;
      readonly fragmentOffset: number;
    }
  | { readonly kind: 'failed' }
  | { readonly kind: 'unknown'; readonly reason: string };

const failed: WalkResult = { kind: 'failed' };
const maximumHeaders = 12;

function endsWalk(header: number): boolean {
  return !extensionHeaders.has(header) || header === NO_NEXT_HEADER;
}

/** Bytes of an extension header whose first two bytes are given. */
function headerLength(header: number, lengthField: number): number {
  if (header === FRAGMENT) return 8;
  if (header === AUTHENTICATION) return (lengthField + 2) * 4;
  return (lengthField + 1) * 8;
}

/** The fixed part that has to be present before the walk goes on: a routing header's first 4 bytes, else 2. */
function readHeader(packet: Packet, header: number, start: number): Uint8Array | undefined {
  return readBytes(packet, start, header === ROUTING ? 4 : 2);
}

/** What a Fragment header that is not the first fragment's leads to. */
function laterFragment(goal: WalkGoal, following: number, start: number, fragmentOffset: number): WalkResult {
  if (goal.target === undefined)
    return endsWalk(following) ? { kind: 'found', protocol: following, fragmentOffset } : failed;
  if (goal.target !== FRAGMENT) return failed;
  return { kind: 'found', protocol: FRAGMENT, offset: start, fragmentOffset };
}

/** The limits of newer kernels (fact 5); undefined: the walk goes on. */
function exceedsLimits(
  packet: Packet,
  behaviour: KernelBehaviour,
  count: number,
  end: number,
): WalkResult | undefined {
  if (count <= maximumHeaders && end <= packet.bytes.length) return undefined;
  if (behaviour.extensionHeaderLimits === 'unknown')
    return { kind: 'unknown', reason: 'limits of the extension header walk are not known for this kernel' };
  return behaviour.extensionHeaderLimits ? failed : undefined;
}

/** Walks from the IPv6 header at the packet's network offset. */
export function walkExtensionHeaders(packet: Packet, goal: WalkGoal, behaviour: KernelBehaviour): WalkResult {
  let header = packet.bytes[packet.networkOffset + 6];
  let start = packet.networkOffset + 40;
  if (header === undefined) return failed;
  for (let count = 1; ; count++) {
    if (endsWalk(header)) {
      const isFound = goal.target === undefined || goal.target === header;
      return isFound ? { kind: 'found', protocol: header, offset: start, fragmentOffset: 0 } : failed;
    }
    const fixed = readHeader(packet, header, start);
    if (fixed === undefined) return failed;
    if (header === FRAGMENT) {
      const field = readUint16(packet, start + 2);
      if (field === undefined) return failed;
      if ((field & 0xfff8) !== 0) return laterFragment(goal, fixed[0]!, start, field & 0xfff8);
    }
    const stops = header === AUTHENTICATION && goal.stopAtAuthentication;
    if (header === goal.target || stops)
      return { kind: 'found', protocol: header, offset: start, fragmentOffset: 0 };
    const end = start + headerLength(header, fixed[1]!);
    const limit = exceedsLimits(packet, behaviour, count, end);
    if (limit) return limit;
    header = fixed[0]!;
    start = end;
  }
}
