// What is known at a place of the fast copy, whatever way led there: how many bytes behind each header are proven to
// lie in the linear part, whether the packet's set-up has been worked out, which registers still hold what they held.

export interface Facts {
  /** Bytes proven behind the network header (R7) and the transport header (R8). */
  readonly network: number;
  readonly transport: number;
  /** R5 is the end of the linear part. */
  readonly end: boolean;
  /** R8 and R9 are set (see info). */
  readonly info: boolean;
  /** R9 is a protocol number, not `unknown`. */
  readonly known: boolean;
  /** The packet is not a later fragment. */
  readonly whole: boolean;
  /** R2 holds the frame's type field as loaded (at the first node only). */
  readonly type: boolean;
  /** skb->protocol: 0x0800, 0x86dd. */
  readonly protocol: number | undefined;
}

/** Less than any header in front of the network header. */
const unproven = -64;

export const nothing: Facts = {
  network: unproven,
  transport: 0,
  end: false,
  info: false,
  known: false,
  whole: false,
  type: false,
  protocol: undefined,
};

/** What is known on both ways. */
export function meet(a: Facts | undefined, b: Facts): Facts {
  if (a === undefined) return b;
  return {
    network: Math.min(a.network, b.network),
    transport: Math.min(a.transport, b.transport),
    end: a.end && b.end,
    info: a.info && b.info,
    known: a.known && b.known,
    whole: a.whole && b.whole,
    type: a.type && b.type,
    protocol: a.protocol === b.protocol ? a.protocol : undefined,
  };
}

/** After a call, which overwrites R0 to R5. */
export function afterCall(facts: Facts): Facts {
  return { ...facts, end: false };
}
