// Which protocols a rule's matches have told so far, header by header.

import type { Family } from '../../model/family.ts';
import {
  type HeaderBase,
  type HeaderField,
  type IcmpMessageFacts,
  icmpMessages,
  type Protocol,
  protocols,
  upperProtocol,
} from '../../model/protocol.ts';
import type { Constant, Ct, Meta, Payload, Relation, Tree } from './tree.ts';

/** A protocol that is known to be there, and of which nothing else is known. */
export const unknownProtocol: Protocol = { name: 'unknown', base: 'link', fields: new Map(), upper: [] };

export const protocolOf = (name: string): Protocol => protocols.get(name)!;

const families: Readonly<Record<Family, readonly [HeaderBase, string]>> = {
  bridge: ['link', 'ether'],
  netdev: ['link', 'netdev'],
  inet: ['link', 'inet'],
  ip: ['network', 'ip'],
  ip6: ['network', 'ip6'],
  arp: ['network', 'arp'],
};

const bases: readonly HeaderBase[] = ['link', 'network', 'transport', 'inner'];
/** Headers one on top of the other on the link layer that are kept. */
const longestStack = 16;
const echoRequest = 8n;
const echoRequest6 = 128n;
const echoReply6 = 129n;
const etherDevice = 1n;

export class ProtocolContext {
  readonly family: Family;
  readonly #first: Protocol;
  readonly #firstBase: HeaderBase;
  readonly #known = new Map<HeaderBase, Protocol>();
  readonly #stacked: Protocol[] = [];
  /** Type of the ICMP message, once tested; 0 is not told apart from unknown. */
  icmpType = 0;

  constructor(family: Family) {
    const [base, name] = families[family];
    this.family = family;
    this.#first = protocolOf(name);
    this.#firstBase = base;
    this.#known.set(base, this.#first);
  }

  at(base: HeaderBase): Protocol | undefined {
    return this.#known.get(base);
  }

  /** The protocol whose header has a byte at `offset` of `base`, and how many bits of other headers are before it. */
  headerAt(
    base: HeaderBase,
    offset: number,
  ): { readonly protocol: Protocol; readonly before: number } | undefined {
    const top = this.#known.get(base);
    if (top === undefined) return undefined;
    if (base !== 'link' || offset < (top.length ?? 0)) return { protocol: top, before: 0 };
    let before = 0;
    for (const below of this.#stacked) {
      const length = below.length ?? 0;
      if (offset - before < length) return { protocol: below, before };
      before += length;
    }
    return { protocol: top, before };
  }

  /** Whether a message of the type tested may have the field. */
  mayHave(field: HeaderField): boolean {
    if (field.message === undefined || this.icmpType === 0) return true;
    const facts: IcmpMessageFacts = icmpMessages[field.message];
    return facts.accepts.includes(this.icmpType);
  }

  /** Learns from a comparison for equality with what says which protocol follows. */
  learn({ left, right }: Relation): void {
    const value = firstConstant(right);
    if (value === undefined) return;
    if (left.kind === 'payload' && left.announces) this.#fromPayload(left, value);
    else if (left.kind === 'meta') this.#fromMeta(left, value);
    else if (left.kind === 'ct') this.#fromCt(left, value);
  }

  #fromPayload(payload: Payload, { value }: Constant): void {
    const lower = this.#known.get(payload.base);
    if (lower === undefined) return;
    const upper = upperProtocol(lower, Number(value));
    if (upper === undefined) {
      if (lower.name === 'icmp') this.icmpType = Number(value === 0n ? echoRequest : value);
      else if (lower.name === 'icmpv6') this.icmpType = Number(value === echoReply6 ? echoRequest6 : value);
      return;
    }
    if (upper.base === lower.base && upper.base === 'link' && this.#stacked.length < longestStack)
      this.#stacked.push(lower);
    this.#known.set(upper.base, upper);
  }

  #fromMeta({ key }: Meta, { value }: Constant): void {
    switch (key.name) {
      case 'iiftype':
        this.#fromDeviceType(value);
        return;
      case 'nfproto':
        this.#fromFamily(value);
        return;
      case 'l4proto':
        this.#known.set(
          'transport',
          upperProtocol(protocolOf('inet-service'), Number(value)) ?? unknownProtocol,
        );
        return;
      case 'protocol':
        if (this.family === 'netdev' || this.family === 'bridge')
          this.#known.set('network', upperProtocol(this.#first, Number(value)) ?? unknownProtocol);
        return;
      default:
    }
  }

  #fromDeviceType(value: bigint): void {
    const isLink = this.#firstBase === 'link';
    if (isLink && this.family !== 'inet' && this.family !== 'netdev') return;
    this.#known.set('link', value === etherDevice ? protocolOf('ether') : unknownProtocol);
  }

  #fromFamily(value: bigint): void {
    const own = { ip: 2n, ip6: 10n, inet: 1n, arp: 3n, bridge: 7n, netdev: 5n }[this.family];
    if (value === own && (this.family === 'ip' || this.family === 'ip6')) return;
    const upper = upperProtocol(this.#first, Number(value));
    const isOwn = value === own && this.#firstBase === 'network';
    this.#known.set('network', upper ?? (isOwn ? this.#first : unknownProtocol));
  }

  #fromCt({ key }: Ct, { value }: Constant): void {
    const base = baseOfCt(key.name);
    const lower = base && this.#known.get(base);
    const upper = lower && upperProtocol(lower, Number(value));
    if (base !== undefined && upper !== undefined) this.#known.set(nextBase(base), upper);
  }
}

/** The header behind those of `base`. */
export function nextBase(base: HeaderBase): HeaderBase {
  return bases[bases.indexOf(base) + 1] ?? 'inner';
}

/** The header that a key of conntrack speaks of. */
export function baseOfCt(key: string): HeaderBase | undefined {
  switch (key) {
    case 'l3proto':
      return 'link';
    case 'protocol':
      return 'network';
    case 'proto-src':
    case 'proto-dst':
      return 'transport';
    default:
      return key.endsWith('addr') ? 'network' : undefined;
  }
}

/** The header whose successor a meta key announces. */
export function baseOfMeta(key: string): HeaderBase | undefined {
  if (key === 'l4proto') return 'network';
  return key === 'nfproto' || key === 'protocol' ? 'link' : undefined;
}

/** Keys of meta and ct that announce a protocol. */
export function announces(tree: Tree): boolean {
  switch (tree.kind) {
    case 'payload':
      return tree.announces;
    case 'meta':
      return tree.key.name === 'iiftype' || baseOfMeta(tree.key.name) !== undefined;
    case 'ct':
      return tree.key.name === 'l3proto' || tree.key.name === 'protocol';
    default:
      return false;
  }
}

function firstConstant(tree: Tree): Constant | undefined {
  return tree.kind === 'value' ? tree : undefined;
}
