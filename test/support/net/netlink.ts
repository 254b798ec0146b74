// Just enough netlink to read what nf_tables counts: a dump of a small ruleset takes some tens of microseconds where
// `nft list` takes ten milliseconds, so counters can be read after every packet.

import { bind, close, read, SOCK_RAW, socket, write } from './libc.ts';
import type { Namespace } from './namespace.ts';

const AF_NETLINK = 16;
const NETLINK_NETFILTER = 12;
const NFNL_SUBSYS_NFTABLES = 10;
const NLM_F_REQUEST = 1;
const NLM_F_DUMP = 0x300;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const messageHeader = 16;
const familyHeader = 4;

/** An attribute tree: type to payload; of repeated types the last one counts (use `list` for those). */
export class Attributes {
  private readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Type and payload of each attribute, in order. */
  *entries(): Generator<readonly [number, Uint8Array]> {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    for (let at = 0; at + 4 <= this.bytes.length; ) {
      const length = view.getUint16(at, true);
      if (length < 4) return;
      yield [view.getUint16(at + 2, true) & 0x3fff, this.bytes.subarray(at + 4, at + length)];
      at += (length + 3) & ~3;
    }
  }

  payload(type: number): Uint8Array | undefined {
    for (const [entryType, payload] of this.entries()) if (entryType === type) return payload;
    return undefined;
  }

  nested(type: number): Attributes | undefined {
    const payload = this.payload(type);
    return payload && new Attributes(payload);
  }

  /** A string, without its final zero byte; empty if absent. */
  text(type: number): string {
    const payload = this.payload(type) ?? new Uint8Array(0);
    const end = payload.indexOf(0);
    return new TextDecoder().decode(end < 0 ? payload : payload.subarray(0, end));
  }

  /** An unsigned big-endian integer of 4 or 8 bytes; 0 if absent. */
  integer(type: number): bigint {
    let value = 0n;
    for (const byte of this.payload(type) ?? []) value = (value << 8n) | BigInt(byte);
    return value;
  }
}

export interface NftMessage {
  readonly family: number;
  readonly attributes: Attributes;
}

/** Encodes attributes whose payloads are zero-terminated strings. */
export function textAttributes(values: ReadonlyMap<number, string>): Uint8Array {
  const parts: number[] = [];
  for (const [type, text] of values) {
    const payload = [...new TextEncoder().encode(text), 0];
    const length = payload.length + 4;
    parts.push(length & 0xff, length >> 8, type & 0xff, type >> 8, ...payload);
    while (parts.length % 4 !== 0) parts.push(0);
  }
  return Uint8Array.from(parts);
}

/** A netfilter netlink socket; it stays in the namespace it was opened in. */
export class NftSocket {
  private readonly fd: number;
  private readonly buffer = new Uint8Array(1 << 16);

  constructor(namespace: Namespace) {
    this.fd = namespace.run(() => socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
    const address = new Uint8Array(12);
    address[0] = AF_NETLINK;
    bind(this.fd, address);
  }

  /** All objects that a GET message (NFT_MSG_GET*) lists. */
  dump(type: number, attributes: Uint8Array = new Uint8Array(0), family = 0): NftMessage[] {
    const request = new Uint8Array(messageHeader + familyHeader + attributes.length);
    const view = new DataView(request.buffer);
    view.setUint32(0, request.length, true);
    view.setUint16(4, (NFNL_SUBSYS_NFTABLES << 8) | type, true);
    view.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, true);
    request[messageHeader] = family;
    request.set(attributes, messageHeader + familyHeader);
    write(this.fd, request);
    const messages: NftMessage[] = [];
    while (this.receive(messages));
    return messages;
  }

  /** Adds the messages of one datagram; false after the last one of the dump. */
  private receive(messages: NftMessage[]): boolean {
    const datagram = read(this.fd, this.buffer) ?? new Uint8Array(0);
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
    for (let at = 0; at + messageHeader <= datagram.length; ) {
      const length = view.getUint32(at, true);
      const type = view.getUint16(at + 4, true);
      if (type === NLMSG_DONE) return false;
      if (type === NLMSG_ERROR) throw new Error(`netlink: error ${-view.getInt32(at + messageHeader, true)}`);
      messages.push({
        family: datagram[at + messageHeader] ?? 0,
        attributes: new Attributes(datagram.subarray(at + messageHeader + familyHeader, at + length)),
      });
      at += (length + 3) & ~3;
    }
    return true;
  }

  close(): void {
    close(this.fd);
  }
}
