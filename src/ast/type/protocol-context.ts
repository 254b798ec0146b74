// What a rule has said so far about the protocols of the packets that reach its next statement. A header's field may
// be read only where its protocol is known; what is missing is tested first (dependency.ts).

import type { Family } from '../../model/family.ts';
import { type HeaderBase, type Protocol, protocols } from '../../model/protocol.ts';

/** Stands for a protocol number that nft has no header for. */
export const unknownProtocol: Protocol = { name: 'unknown', base: 'link', fields: new Map(), upper: [] };

/** A protocol that the tables are known to hold. */
export function knownProtocol(name: string): Protocol {
  const protocol = protocols.get(name);
  if (protocol === undefined) throw new Error(`no protocol ${name}`);
  return protocol;
}

const baseOrder: readonly HeaderBase[] = ['link', 'network', 'transport', 'inner'];

/** Position of a base in the stack of headers. */
export function baseRank(base: HeaderBase): number {
  return baseOrder.indexOf(base);
}

/** The base below, `undefined` under the link layer. */
export function baseBelow(base: HeaderBase): HeaderBase | undefined {
  return baseOrder[baseRank(base) - 1];
}

/** What packets of a family begin with. `inet` and `netdev` are stand-ins for link layers that are not known. */
const firstProtocols: Readonly<Record<Family, Protocol>> = {
  bridge: knownProtocol('ether'),
  netdev: knownProtocol('netdev'),
  inet: knownProtocol('inet'),
  ip: knownProtocol('ip'),
  ip6: knownProtocol('ip6'),
  arp: knownProtocol('arp'),
};

export function firstProtocol(family: Family): Protocol {
  return firstProtocols[family];
}

const stackLimit = 16;

export class ProtocolContext {
  readonly family: Family;
  readonly #known = new Map<HeaderBase, Protocol>();
  /** Every transport protocol that was named: with more than one, none is certain. */
  readonly #transports: Protocol[] = [];
  /** Link headers below the known one, the outermost first. */
  readonly stackedLinks: Protocol[] = [];
  /** The tested type of an ICMP message; 0 if none was. */
  icmpType = 0;

  constructor(family: Family) {
    this.family = family;
    const first = firstProtocol(family);
    this.#known.set(first.base, first);
  }

  at(base: HeaderBase): Protocol | undefined {
    return this.#known.get(base);
  }

  set(base: HeaderBase, protocol: Protocol): void {
    if (base === 'transport' && !this.#transports.includes(protocol) && this.#transports.length < stackLimit)
      this.#transports.push(protocol);
    this.#known.set(base, protocol);
  }

  /** Notes that another link header follows the known one, `lower`. */
  stackLink(lower: Protocol): void {
    if (this.stackedLinks.length < stackLimit) this.stackedLinks.push(lower);
  }

  /** A protocol other than `protocol` that the rule has named for the same layer, if it has named several. */
  ambiguity(base: HeaderBase, protocol: Protocol): Protocol | undefined {
    if (base !== 'transport' || this.#transports.length < 2) return undefined;
    return this.#transports.find(named => named !== protocol);
  }
}
