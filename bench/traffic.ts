// The packet generator: an XDP program in a test run with live frames draws source address and destination port of
// each frame and passes it into the receive path of a device. All of it runs to completion on this CPU within the
// call, so the time that the kernel tells for a frame is that of generating, receiving and deciding. (The clock
// around the call would not do: setting up and tearing down takes some milliseconds.)

import {
  add64,
  and64,
  assemble,
  call,
  endian,
  exit,
  helperNumber,
  jumpIf,
  label,
  load,
  mov64,
  or64,
  R0,
  R1,
  R2,
  R3,
  R6,
  R7,
  rsh64,
  store,
} from '../src/bpf-asm/index.ts';
import { injectFrames, loadProgram, type System } from '../src/loader/index.ts';
import { frame, tcpPacket } from '../test/support/frames.ts';
import type { Namespace } from '../test/support/net/namespace.ts';

/** Addresses come from 10.0.0.0 on, this many bits of them; ports from `firstPort` on. */
export const addressBits = 18;
export const portBits = 4;
/** A power of two times 16, so that the drawn bits can be put in. */
export const firstPort = 1024;

const sourceAt = 26;
const portAt = 36;
const frameLength = 54;

/** Bytes 26..29 become the source address, 36..37 the port; the checksums are wrong then, and nobody looks. */
function generator(): Uint8Array {
  const assembled = assemble({
    name: 'generator',
    items: [
      mov64(R6, R1),
      call(helperNumber.get_prandom_u32),
      load(4, R2, R6, 0),
      load(4, R3, R6, 4),
      mov64(R7, R2),
      add64(R7, frameLength),
      jumpIf('gt', R7, R3, 'pass'),
      mov64(R7, R0),
      and64(R7, 2 ** addressBits - 1),
      or64(R7, 10 * 2 ** 24),
      endian('be32', R7),
      store(4, R2, sourceAt, R7),
      rsh64(R0, addressBits),
      and64(R0, 2 ** portBits - 1),
      or64(R0, firstPort),
      endian('be16', R0),
      store(2, R2, portAt, R0),
      label('pass'),
      mov64(R0, 2),
      exit(),
    ],
  });
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.errors));
  return assembled.program.code;
}

/** Someone else's frames: the hook at the device sees them, the IP layer throws them away at its door. */
const otherHost = '02:00:00:00:00:99';

export class Generator {
  private readonly system: System;
  private readonly namespace: Namespace;
  private readonly fd: number;
  private readonly data = frame(
    tcpPacket(
      { source: '10.0.0.1', destination: '10.255.0.1' },
      { sourcePort: 4000, destinationPort: 80, flags: 16 },
    ),
    otherHost,
  );

  constructor(system: System, namespace: Namespace) {
    this.system = system;
    this.namespace = namespace;
    const loaded = loadProgram(system, { name: 'generator', target: 'xdp', code: generator() });
    if (!loaded.ok) throw new Error(loaded.error.message);
    this.fd = loaded.value;
  }

  /** Nanoseconds a packet for `count` packets that arrive at `device`. */
  send(device: string, count: number): number {
    return this.namespace.run(() => {
      const ingressIndex = this.system.deviceIndex(device);
      if (ingressIndex === undefined) throw new Error(`there is no device ${device}`);
      const done = injectFrames(this.system, this.fd, { data: this.data, repeat: count, ingressIndex });
      if (!done.ok) throw new Error(done.error.message);
      return done.value;
    });
  }

  close(): void {
    this.system.close(this.fd);
  }
}
