// What differs between kernel versions, as far as the evaluator models it (docs/semantics.md has the table). Behaviour
// was read and tried in 6.12, 6.18 and 7.2. For a version in between, where it is not known on which side of a change
// it stands, the answer is `unknown`, and packets for which it matters are not evaluable.

export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

export type Known = boolean | 'unknown';

export interface KernelBehaviour {
  /** Aligned 1, 2 and 4 byte transport loads read in later fragments too (`nft_payload_fast_eval`). */
  readonly fastLoadIgnoresFragments: Known;
  /** `ipv6_find_hdr` fails after 12 extension headers and on a header that reaches past the packet. */
  readonly extensionHeaderLimits: Known;
  /** meta protocol / l4proto look one level into 802.1Q and PPPoE at netdev and bridge. */
  readonly nestedProtocol: Known;
  /** SCTP chunks are looked for in later fragments. */
  readonly sctpIgnoresFragments: Known;
}

const lastOld = { major: 6, minor: 18 };
const firstNew = { major: 7, minor: 2 };

function atMost(a: KernelVersion, b: KernelVersion): boolean {
  return a.major < b.major || (a.major === b.major && a.minor <= b.minor);
}

function changed(version: KernelVersion): Known {
  if (atMost(version, lastOld)) return false;
  return atMost(firstNew, version) ? true : 'unknown';
}

function not(known: Known): Known {
  return known === 'unknown' ? known : !known;
}

export function kernelBehaviour(version: KernelVersion): KernelBehaviour {
  const isNew = changed(version);
  return {
    fastLoadIgnoresFragments: not(isNew),
    extensionHeaderLimits: isNew,
    nestedProtocol: isNew,
    sctpIgnoresFragments: not(isNew),
  };
}
