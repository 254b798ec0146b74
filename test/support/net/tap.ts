// Ethernet devices whose other end is this process. Writing a frame runs the whole receive path (generic XDP, tc
// ingress, nft ingress, the ip hooks) before write(2) returns, and what the stack sends is in the queue when the
// sending call returns: no waiting, no races. The device goes away with its descriptor.

import { close, ioctl, O_NONBLOCK, O_RDWR, open, read, write } from './libc.ts';
import type { Namespace } from './namespace.ts';

const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const ifreqSize = 40;
const flagsOffset = 16;
const largestFrame = 65_550;

export class Tap {
  readonly name: string;
  private readonly fd: number;
  private readonly buffer = new Uint8Array(largestFrame);

  /** `name` has at most 15 bytes. */
  constructor(namespace: Namespace, name: string) {
    this.name = name;
    const request = new Uint8Array(ifreqSize);
    request.set(new TextEncoder().encode(name).subarray(0, 15));
    new DataView(request.buffer).setUint16(flagsOffset, IFF_TAP | IFF_NO_PI, true);
    this.fd = namespace.run(() => {
      const fd = open('/dev/net/tun', O_RDWR | O_NONBLOCK);
      ioctl(fd, TUNSETIFF, request);
      return fd;
    });
  }

  /** The frame arrives at the device, from its Ethernet header on, without frame check sequence. */
  inject(frame: Uint8Array): void {
    write(this.fd, frame);
  }

  /** Frames that the stack sent out of the device since the last call. */
  sent(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (let frame = read(this.fd, this.buffer); frame !== undefined; frame = read(this.fd, this.buffer)) {
      frames.push(frame);
    }
    return frames;
  }

  close(): void {
    close(this.fd);
  }
}
