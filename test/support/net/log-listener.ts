// What nf_tables logs to nfnetlink_log groups: a listener in the namespace gets each packet before the call that sent it
// returns.

import { bind, close, read, SOCK_NONBLOCK, SOCK_RAW, socket, write } from './libc.ts';
import type { Namespace } from './namespace.ts';
import { Attributes } from './netlink.ts';

const AF_NETLINK = 16;
const NETLINK_NETFILTER = 12;
const NFNL_SUBSYS_ULOG = 4;
const NFULNL_MSG_CONFIG = 1;
const NLM_F_REQUEST = 1;
const messageHeader = 16;
const familyHeader = 4;
const command = 1;
const mode = 2;
const queueThreshold = 5;
const attribute = {
  mark: 2,
  input: 4,
  output: 5,
  payload: 9,
  prefix: 10,
  user: 11,
  group: 14,
  link: 16,
} as const;

/** A packet as the kernel logged it. */
export interface LoggedPacket {
  readonly prefix: string;
  readonly mark: number;
  /** Interface indexes, 0 for none. */
  readonly input: number;
  readonly output: number;
  /** From skb->data on. */
  readonly payload: Uint8Array;
  readonly link: Uint8Array;
  readonly user: number | undefined;
}

function attributeBytes(type: number, payload: readonly number[]): number[] {
  const bytes = [payload.length + 4, 0, type, 0, ...payload];
  while (bytes.length % 4 !== 0) bytes.push(0);
  return bytes;
}

/** Bind, whole packets, and each of them at once. */
const settings: readonly (readonly number[])[] = [
  attributeBytes(command, [1]),
  attributeBytes(mode, [0, 0, 0xff, 0xff, 2, 0]),
  attributeBytes(queueThreshold, [0, 0, 0, 1]),
];

function loggedPacket(attributes: Attributes): LoggedPacket {
  const number = (type: number): number => Number(attributes.integer(type));
  const bytes = (type: number): Uint8Array => attributes.payload(type)?.slice() ?? new Uint8Array(0);
  return {
    prefix: attributes.text(attribute.prefix),
    mark: number(attribute.mark),
    input: number(attribute.input),
    output: number(attribute.output),
    payload: bytes(attribute.payload),
    link: bytes(attribute.link),
    user: attributes.payload(attribute.user) && number(attribute.user),
  };
}

export class LogListener {
  private readonly fd: number;
  private readonly buffer = new Uint8Array(1 << 17);
  private readonly groups = new Set<number>();

  constructor(namespace: Namespace) {
    this.fd = namespace.run(() => socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_NETFILTER));
    const address = new Uint8Array(12);
    address[0] = AF_NETLINK;
    bind(this.fd, address);
  }

  /** Listens to a group from now on. */
  listen(group: number): void {
    if (this.groups.has(group)) return;
    this.groups.add(group);
    for (const setting of settings) {
      const request = new Uint8Array(messageHeader + familyHeader + setting.length);
      const view = new DataView(request.buffer);
      view.setUint32(0, request.length, true);
      view.setUint16(4, (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_CONFIG, true);
      view.setUint16(6, NLM_F_REQUEST, true);
      view.setUint16(messageHeader + 2, group);
      request.set(setting, messageHeader + familyHeader);
      write(this.fd, request);
    }
  }

  /** All that came since the last time. */
  take(): LoggedPacket[] {
    const packets: LoggedPacket[] = [];
    for (;;) {
      const datagram = read(this.fd, this.buffer);
      if (datagram === undefined || datagram.length === 0) return packets;
      const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
      for (let at = 0; at + messageHeader <= datagram.length; ) {
        const length = view.getUint32(at, true);
        const isPacket = view.getUint16(at + 4, true) === NFNL_SUBSYS_ULOG << 8;
        const body = datagram.subarray(at + messageHeader + familyHeader, at + length);
        if (isPacket) packets.push(loggedPacket(new Attributes(body)));
        at += (length + 3) & ~3;
      }
    }
  }

  close(): void {
    close(this.fd);
  }
}
