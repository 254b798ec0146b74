// Packets on their way out: whole frames at a device (they pass egress), or IP packets with their own header (they
// pass output and postrouting as locally generated ones do).

import { close, SOCK_RAW, sendTo, setSocketOption, socket } from './libc.ts';
import type { Namespace } from './namespace.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const AF_PACKET = 17;
const IPPROTO_RAW = 255;
const SOL_SOCKET = 1;
const SO_BROADCAST = 6;

function socketAddress(length: number, family: number): Uint8Array {
  const address = new Uint8Array(length);
  address[0] = family;
  return address;
}

export class PacketSender {
  private readonly packet: number;
  private readonly ipv4: number;
  private readonly ipv6: number;
  private readonly link: Uint8Array;

  /** Frames go out of `device`. */
  constructor(namespace: Namespace, device: string) {
    const index = Number(/^(\d+):/.exec(namespace.execute('ip', ['-o', 'link', 'show', 'dev', device]))?.[1]);
    this.link = socketAddress(20, AF_PACKET);
    new DataView(this.link.buffer).setInt32(4, index, true);
    [this.packet, this.ipv4, this.ipv6] = namespace.run(() => [
      socket(AF_PACKET, SOCK_RAW, 0),
      socket(AF_INET, SOCK_RAW, IPPROTO_RAW),
      socket(AF_INET6, SOCK_RAW, IPPROTO_RAW),
    ]);
    setSocketOption(this.ipv4, SOL_SOCKET, SO_BROADCAST, 1);
  }

  /** Sends a frame from its Ethernet header on; returns 0 or the error's number. */
  sendFrame(frame: Uint8Array): number {
    return sendTo(this.packet, frame, this.link);
  }

  /**
   * Sends an IP packet as if this machine had made it; returns 0 or the error's number. In IPv4 the kernel writes
   * total length and header checksum, and the identification if it is 0.
   */
  sendPacket(packet: Uint8Array): number {
    if ((packet[0] ?? 0) >> 4 === 6) {
      const address = socketAddress(28, AF_INET6);
      address.set(packet.subarray(24, 40), 8);
      return sendTo(this.ipv6, packet, address);
    }
    const address = socketAddress(16, AF_INET);
    address.set(packet.subarray(16, 20), 4);
    return sendTo(this.ipv4, packet, address);
  }

  close(): void {
    for (const fd of [this.packet, this.ipv4, this.ipv6]) close(fd);
  }
}
