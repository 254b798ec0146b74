// Kernel functions that programs call besides the helpers: casts to kernel structures, and dynptrs over the packet.

import { helperTable, type Routine, type State } from '../../bpf-asm/vm/index.ts';

/** The packet of the current run, as kernel functions see it. */
export interface KernelView {
  /** All bytes from skb->data on. */
  readonly bytes: Uint8Array;
  /** How many of them lie in the linear part. */
  readonly linear: number;
  /** Where the linear part begins in the program's memory. */
  readonly address: bigint;
  /** What `bpf_cast_to_kern_ctx` makes of the context. */
  readonly kernelContext: () => bigint;
}

const E2BIG = -7;
const EINVAL = -22;

/** struct bpf_dynptr is opaque to programs: 16 bytes, of which the model uses offset and length. */
const dynptrSize = 16;

function makeDynptr(state: State, length: number): void {
  const dynptr = state.bytes(3, dynptrSize, true);
  const view = new DataView(dynptr.buffer, dynptr.byteOffset, dynptrSize);
  view.setBigUint64(0, BigInt(length), true);
  view.setBigUint64(8, 0n, true);
}

function lengthOf(state: State, register: number): number {
  const dynptr = state.bytes(register, dynptrSize);
  return Number(new DataView(dynptr.buffer, dynptr.byteOffset, dynptrSize).getBigUint64(0, true));
}

/** bpf_dynptr_from_skb(skb, flags, dynptr) and its like: flags must be 0. */
function dynptrFrom(state: State, view: KernelView): void {
  const flags = state.get(2);
  makeDynptr(state, flags === 0n ? view.bytes.length : 0);
  state.setInt(0, flags === 0n ? 0 : EINVAL);
}

/** bpf_dynptr_slice(dynptr, offset, buffer, size): the address in the linear part, else of a copy in the buffer, else null. */
function sliceAddress(state: State, view: KernelView): bigint {
  const offset = state.low[2]! >>> 0;
  const size = state.low[4]! >>> 0;
  const buffer = state.get(3);
  if (offset + size > lengthOf(state, 1)) return 0n;
  if (offset + size <= view.linear) return view.address + BigInt(offset);
  if (buffer === 0n) return 0n;
  state.bytes(3, size, true).set(view.bytes.subarray(offset, offset + size));
  return buffer;
}

/** bpf_dynptr_read(destination, size, dynptr, offset, flags): 0 or an error. */
function dynptrRead(state: State, view: KernelView): number {
  const size = state.low[2]! >>> 0;
  const target = state.bytes(1, size, true);
  const offset = state.low[4]! >>> 0;
  if (state.get(5) !== 0n) return EINVAL;
  if (offset + size > lengthOf(state, 3)) return E2BIG;
  target.set(view.bytes.subarray(offset, offset + size));
  return 0;
}

const nothing: Routine = state => state.setInt(0, 0);

/** Kernel functions by name. */
export function kernelFunctions(view: () => KernelView): Map<string, Routine> {
  return new Map<string, Routine>([
    ['bpf_rdonly_cast', state => state.set(0, state.get(1))],
    ['bpf_cast_to_kern_ctx', state => state.set(0, view().kernelContext())],
    ['bpf_rcu_read_lock', nothing],
    ['bpf_rcu_read_unlock', nothing],
    ['bpf_dynptr_from_skb', state => dynptrFrom(state, view())],
    ['bpf_dynptr_from_xdp', state => dynptrFrom(state, view())],
    ['bpf_dynptr_slice', state => state.set(0, sliceAddress(state, view()))],
    ['bpf_dynptr_size', state => state.set(0, BigInt(lengthOf(state, 1)))],
  ]);
}

/** Helpers that belong to dynptrs. */
export function dynptrHelpers(view: () => KernelView): Map<number, Routine> {
  return helperTable({ dynptr_read: state => state.setInt(0, dynptrRead(state, view())) });
}
