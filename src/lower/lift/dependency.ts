// Matches that only say which protocol follows, and that a later match implies: nft puts them in when a rule is written
// and takes them out when it is listed, as long as no statement stands between the two.

import { etherTypeType } from '../../model/datatype.ts';
import type { Family } from '../../model/family.ts';
import { type HeaderBase, icmpMessages } from '../../model/protocol.ts';
import type { Match } from './draft.ts';
import { nextBase, protocolOf } from './protocol.ts';
import type { Exthdr, Meta, Payload, Relation } from './tree.ts';
import { rawType } from './types.ts';

const echoReply = 0;
const echoRequest = 8;
const echoRequest6 = 128;
const echoReply6 = 129;
const vlanType = 0x8100n;

type NetworkFamily = 'ip' | 'ip6' | undefined;

/** Removes a match from the rule. */
export type Remove = (match: Match) => void;

export class Dependencies {
  readonly #remove: Remove;
  /** By the header that the match announces. */
  readonly #matches = new Map<HeaderBase | 'behind', Match>();
  #icmpType = 0;
  /** The match before the one that is looked at. */
  previous: Match | undefined;

  constructor(remove: Remove) {
    this.#remove = remove;
  }

  /** A statement was met: what stands before it stays. */
  forget(): void {
    this.#matches.clear();
    this.#icmpType = 0;
    this.previous = undefined;
  }

  /** The match may turn out to be implied by one on the header behind `base`; `undefined`: on the link layer. */
  remember(match: Match, base: HeaderBase | undefined): void {
    if (this.#isPartOfEcho(match)) return;
    if (base === 'inner') this.#matches.set('behind', match);
    else this.#matches.set(base === undefined ? 'link' : nextBase(base), match);
  }

  /** Tests for echo messages stay: the fields of echo do not say which of the two it is. */
  #isPartOfEcho({ relation: { left, right } }: Match): boolean {
    if (left.kind !== 'payload' || right.kind !== 'value' || right.bits !== 8) return false;
    const type = Number(right.value);
    if (left.protocol === protocolOf('icmp')) {
      this.#icmpType = type === echoReply ? echoRequest : type;
      return this.#icmpType === echoRequest;
    }
    if (left.protocol !== protocolOf('icmpv6')) return false;
    this.#icmpType = type;
    return type === echoRequest6 || type === echoReply6;
  }

  #at(base: HeaderBase): HeaderBase | undefined {
    if (this.#matches.has(base)) return base;
    return base === 'transport' && this.#matches.has('inner') ? 'inner' : undefined;
  }

  has(base: HeaderBase): boolean {
    return this.#at(base) !== undefined;
  }

  get(base: HeaderBase): Match | undefined {
    const at = this.#at(base);
    return at && this.#matches.get(at);
  }

  release(base: HeaderBase): void {
    const at = this.#at(base);
    if (at === undefined) return;
    const match = this.#matches.get(at)!;
    this.#remove(match);
    if (this.previous === match) this.previous = undefined;
    this.#matches.delete(at);
  }

  /** `payload` may imply what was remembered for its header. */
  killByPayload(payload: Payload, family: Family): void {
    const match = payload.protocol && this.get(payload.base);
    if (match !== undefined && this.#isImplied(match.relation, payload, family)) this.release(payload.base);
  }

  #isImplied({ operator, left, right }: Relation, payload: Payload, family: Family): boolean {
    if (family === 'bridge' || family === 'netdev' || family === 'inet') {
      const isNetworkField = left.kind === 'payload' && left.base === 'network';
      const isIp = isNetworkField && (left.protocol?.name === 'ip' || left.protocol?.name === 'ip6');
      if (isIp && payload.base === 'transport') return false;
      if (left.kind === 'payload' && operator === '==' && payload.base === left.base) {
        if (payload.announces) return false;
        if (payload.base === 'link') return isImpliedOnLink(left, right);
      }
    }
    if (payload.base !== 'transport') return true;
    if (payload.protocol?.name === 'th') {
      payload.protocol = undefined;
      payload.field = undefined;
      payload.type = rawType;
      return false;
    }
    if (left.kind !== 'payload' || left.base !== 'transport') return true;
    const isIcmp = left.protocol?.name === 'icmp' || left.protocol?.name === 'icmpv6';
    return !isIcmp || this.#isImpliedOfIcmp(left, payload);
  }

  #isImpliedOfIcmp(left: Payload, { protocol, field }: Payload): boolean {
    const message = field?.message;
    if (message === undefined || left.protocol !== protocol) return false;
    const { implied } = icmpMessages[message];
    return implied.length === 1 && this.#icmpType === implied[0];
  }

  killByExthdr({ space }: Exthdr): void {
    if (space === 'tcpopt') this.release('transport');
    else if (space === 'ipv6' || space === 'ipv4') this.release('network');
  }

  /** `relation` compares a key of meta or ct; whether it implies what was remembered for the network header. */
  mayKillByKey(family: Family, { left, right }: Relation): boolean {
    const match = this.get('network');
    if (match === undefined) return true;
    const network = announcedFamily(match.relation);
    if (network === 'other') return true;
    if (family === 'ip' || family === 'ip6') return family === network;
    if (family !== 'inet' && family !== 'netdev' && family !== 'bridge') return true;
    if (left.kind === 'meta') return isImpliedByMeta(left, right, network);
    if (left.kind !== 'ct') return true;
    switch (left.key.name) {
      case 'saddr':
      case 'daddr':
        return (left.bits === 32 && network === 'ip') || (left.bits === 128 && network === 'ip6');
      case 'ip saddr':
      case 'ip daddr':
        return network === 'ip';
      case 'ip6 saddr':
      case 'ip6 daddr':
        return network === 'ip6';
      default:
        return false;
    }
  }
}

function isImpliedOnLink(left: Payload, right: Relation['right']): boolean {
  if (left.protocol?.name === 'vlan') return false;
  if (left.protocol?.name === 'ether' && right.kind === 'value' && right.bits === 16)
    return right.value === vlanType;
  return true;
}

/** The network protocol that a match announces; `other` if it is about something else. */
function announcedFamily({ left, right }: Relation): NetworkFamily | 'other' {
  const value = right.kind === 'value' ? right.value : undefined;
  if (left.kind === 'meta') {
    if (left.key.name === 'nfproto') return value === 2n ? 'ip' : value === 10n ? 'ip6' : undefined;
    return left.key.name === 'protocol' ? familyOfEtherType(value) : 'other';
  }
  if (left.kind !== 'payload' || left.base !== 'link' || left.type !== etherTypeType) return 'other';
  return familyOfEtherType(value);
}

function familyOfEtherType(value: bigint | undefined): NetworkFamily {
  return value === 0x0800n ? 'ip' : value === 0x86ddn ? 'ip6' : undefined;
}

function isImpliedByMeta({ key }: Meta, right: Relation['right'], network: NetworkFamily): boolean {
  if (key.name !== 'l4proto') return true;
  if (right.kind !== 'value' || right.bits !== 8) return false;
  if (right.value === 1n) return network === 'ip';
  return right.value === 58n && network === 'ip6';
}
