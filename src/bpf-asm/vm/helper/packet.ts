// Helpers that read the packet, wherever it lies: they see bytes beyond the linear part too.

import type { Routine } from '../compile.ts';
import { errno } from '../map/map.ts';
import type { State } from '../state.ts';
import { helperTable } from './standard.ts';

/** The packet of the current run. Offsets in bytes. */
export interface Packet {
  /** All bytes, from where `skb->data` points. */
  readonly bytes: Uint8Array;
  /** Where the link header begins, relative to `bytes`; may be negative if it was pulled, then `head` has it. */
  readonly linkOffset: number;
  readonly networkOffset: number;
}

/** BPF_HDR_START_* of bpf_skb_load_bytes_relative. */
const headerStart = { link: 0, network: 1 } as const;

const maxSkbOffset = 0x7fff_ffff;
const maxXdpOffset = 0xffff;

/** Copies from the packet to the memory that R`to` points to; what fails clears that memory, as the kernel does. */
function copyOut(
  state: State,
  packet: Packet,
  offset: number,
  to: number,
  length: number,
  failure: number,
): void {
  const target = state.bytes(to, length, true);
  const found = offset >= 0 && offset + length <= packet.bytes.length;
  if (found) target.set(packet.bytes.subarray(offset, offset + length));
  else target.fill(0);
  state.setInt(0, found ? 0 : failure);
}

function skbLoadBytes(state: State, packet: Packet): void {
  const offset = state.low[2]! >>> 0;
  copyOut(state, packet, offset > maxSkbOffset ? -1 : offset, 3, state.low[4]! >>> 0, errno.EFAULT);
}

function skbLoadBytesRelative(state: State, packet: Packet): void {
  const offset = state.low[2]! >>> 0;
  const start = state.low[5] === headerStart.network ? packet.networkOffset : packet.linkOffset;
  const known =
    offset <= maxXdpOffset && (state.low[5] === headerStart.network || state.low[5] === headerStart.link);
  copyOut(state, packet, known ? start + offset : -1, 3, state.low[4]! >>> 0, errno.EFAULT);
}

function xdpLoadBytes(state: State, packet: Packet): void {
  const offset = state.low[2]! >>> 0;
  const length = state.low[4]! >>> 0;
  const target = state.bytes(3, length, true);
  const found = offset <= maxXdpOffset && length <= maxXdpOffset && offset + length <= packet.bytes.length;
  if (found) target.set(packet.bytes.subarray(offset, offset + length));
  state.setInt(0, found ? 0 : errno.EINVAL);
}

/** Packet helpers of tc and cgroup programs. `packet` gives the packet of the current run. */
export function skbHelpers(packet: () => Packet): Map<number, Routine> {
  return helperTable({
    skb_load_bytes: state => skbLoadBytes(state, packet()),
    skb_load_bytes_relative: state => skbLoadBytesRelative(state, packet()),
  });
}

/** Packet helpers of XDP programs. */
export function xdpHelpers(packet: () => Packet): Map<number, Routine> {
  return helperTable({
    xdp_load_bytes: state => xdpLoadBytes(state, packet()),
    xdp_get_buff_len: state => state.set(0, BigInt(packet().bytes.length)),
  });
}
