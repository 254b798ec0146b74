// BPF_PROG_TEST_RUN: a packet through a program without a device.

import { Attribute } from './attribute.ts';
import { type Result, success } from './error.ts';
import type { System } from './system.ts';

export interface TestRun {
  /** tc, xdp: a frame from its Ethernet header on; netfilter: see docs/testing.md. */
  readonly data: Uint8Array;
  /** `__sk_buff`, `xdp_md` or `nf_hook_state` as bytes; absent: the kernel's defaults. */
  readonly context?: Uint8Array;
  /** How often the program runs. Default 1. */
  readonly repeat?: number;
}

export interface TestRunResult {
  readonly returned: number;
  /** Average of the runs. */
  readonly nanoseconds: number;
  /** The packet after the (last) run. */
  readonly data: Uint8Array;
}

const outputRoom = 256;

/** Runs a loaded program on a packet. */
export function testRun(system: System, programFd: number, run: TestRun): Result<TestRunResult> {
  const output = new Uint8Array(run.data.length + outputRoom);
  const context = run.context ?? new Uint8Array(0);
  const attribute = new Attribute(system)
    .u32(0, programFd)
    .u32(8, run.data.length)
    .u32(12, output.length)
    .pointer(16, run.data)
    .pointer(24, output)
    .u32(32, run.repeat ?? 1)
    .u32(40, context.length)
    .pointer(48, context);
  const done = system.bpf('BPF_PROG_TEST_RUN', attribute);
  if (!done.ok) return done;
  return success({
    returned: attribute.read32(4),
    nanoseconds: attribute.read32(36),
    data: output.slice(0, attribute.read32(12)),
  });
}

const BPF_F_TEST_XDP_LIVE_FRAMES = 2;

export interface LiveFrames {
  readonly data: Uint8Array;
  readonly repeat: number;
  /** The device at which frames arrive that the program passes (XDP_PASS). */
  readonly ingressIndex: number;
  /** Frames a batch, at most 256. Default 64. */
  readonly batch?: number;
}

/**
 * Runs an XDP program on real frames: what it passes enters the stack at the device, within the call. The value is the
 * average time for a frame in nanoseconds, all that the stack did with it included.
 */
export function injectFrames(system: System, programFd: number, frames: LiveFrames): Result<number> {
  const context = new Uint8Array(24);
  const view = new DataView(context.buffer);
  view.setUint32(4, frames.data.length, true);
  view.setUint32(12, frames.ingressIndex, true);
  const attribute = new Attribute(system)
    .u32(0, programFd)
    .u32(8, frames.data.length)
    .pointer(16, frames.data)
    .u32(32, frames.repeat)
    .u32(40, context.length)
    .pointer(48, context)
    .u32(64, BPF_F_TEST_XDP_LIVE_FRAMES)
    .u32(72, frames.batch ?? 64);
  const done = system.bpf('BPF_PROG_TEST_RUN', attribute);
  return done.ok ? success(attribute.read32(36)) : done;
}
