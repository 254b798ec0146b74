// A record of a `log` statement in the ring buffer, as programs write it and readers take it apart: a head of fixed members
// in the machine's byte order (little endian), then the packet from its network header on. docs/loading.md explains it.

/** Offsets of the head's members, and of the packet behind them. */
export const logRecord = {
  /** 4 bytes: index into the statements of the map's role. */
  statement: 0,
  /** 4 bytes: the packet's length as nf_tables counts it at the hook (`meta length`). */
  length: 4,
  /** 8 bytes: nanoseconds of CLOCK_MONOTONIC. */
  time: 8,
  /** 4 bytes each: indexes of the hook's devices; 0 where there is none. */
  input: 16,
  output: 20,
  /** 4 bytes: skb->mark; 0 at XDP. */
  mark: 24,
  /** 4 bytes each: user and group of the socket's file; all ones where there is none, or the statement has no `flags skuid`. */
  user: 28,
  group: 32,
  /** 2 bytes in network order: skb->protocol (EtherType). */
  protocol: 36,
  /** 1 byte: NFPROTO_* of the hook (2 IPv4, 5 device, 10 IPv6). */
  family: 38,
  /** 1 byte: NF_INET_* or NF_NETDEV_*. */
  hook: 39,
  /** 2 bytes: how many bytes of the packet are in the record. */
  captured: 40,
  /** 1 byte: how many bytes of the link header are. */
  linkLength: 42,
  /** Up to `longestLink` bytes. */
  link: 44,
  /** From the network header on; what lies behind `captured` bytes means nothing. */
  packet: 80,
} as const;

/** An Ethernet header and five tags. */
export const longestLink = 34;

/** What `user` and `group` are where nothing is known. */
export const nobody = 0xffffffff;

/** Bytes of a packet that a record holds if the statement does not say (`snaplen`): the headers, options included. */
export const usualCapture = 128;

/** No more than this can be asked for. */
export const largestCapture = 0xffff;

/** NF_LOG_UID: `flags skuid`. */
export const logUserFlag = 8;

/** LOGLEVEL_WARNING: what the kernel takes for a statement without group and level. */
export const usualLevel = 4;

/** Bytes of a record that has room for so much of a packet. */
export function recordSize(capture: number): number {
  return logRecord.packet + Math.ceil(capture / 8) * 8;
}
