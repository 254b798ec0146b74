// Finds what the trees of a rule are, statement by statement: names of fields from the protocols known so far, types of
// constants from what they are compared with. Masks that only pick a field are taken away, and matches that a later one
// implies are removed.

import { inetServiceType, integerType, ipv4AddressType, ipv6AddressType } from '../../model/datatype.ts';
import type { Family } from '../../model/family.ts';
import { SetFlag } from '../../model/set-flags.ts';
import { Dependencies, type Remove } from './dependency.ts';
import { trimExthdr } from './exthdr.ts';
import { completePayload, trimPayload, trimRawPayload } from './payload.ts';
import { baseOfCt, ProtocolContext } from './protocol.ts';
import {
  type Binary,
  type Concat,
  type Constant,
  type Ct,
  keyPartTypes,
  type Payload,
  type SetUse,
  setType,
  type Tree,
} from './tree.ts';
import { rawType } from './types.ts';
import { resolveConstant, shiftConstant } from './value.ts';

/** What a mask stands over, with the values that are compared with it. */
export interface Masked {
  readonly left: Tree;
  readonly mask: Tree;
  /** Constants, or the keys of an anonymous set, that shift with the field; none where nothing is compared. */
  readonly values?: Tree | undefined;
  /** What is done with a payload once it is trimmed, instead of only naming it. */
  readonly matched?: (payload: Payload) => void;
}

export class Resolver {
  readonly family: Family;
  readonly protocols: ProtocolContext;
  readonly dependencies: Dependencies;
  /** Of the headers around a tunnel; `undefined` if these are they. */
  readonly outer: Resolver | undefined;
  #keysAsTheyAre = false;
  #picksFields = false;

  constructor(family: Family, remove: Remove, outer?: Resolver) {
    this.family = family;
    this.protocols = new ProtocolContext(family);
    this.dependencies = new Dependencies(remove);
    this.outer = outer;
  }

  /** Resolves with the keys of a set of intervals in mind, which stand in network order. */
  withSet<T>(set: SetUse | undefined, run: () => T): T {
    this.#keysAsTheyAre = set !== undefined && (set.set.flags & SetFlag.interval) !== 0;
    const result = run();
    this.#keysAsTheyAre = false;
    return result;
  }

  /** Resolves a key on its own, where nothing is compared with it that its masks would shift. */
  key(tree: Tree): Tree {
    this.#picksFields = true;
    const resolved = this.tree(tree);
    this.#picksFields = false;
    return resolved;
  }

  /** The tree as it is known now; `tree` must not be used any more. */
  tree(tree: Tree): Tree {
    switch (tree.kind) {
      case 'map':
        if (tree.key.kind === 'binary') this.#mapKey(tree.key, tree.map, key => (tree.key = key));
        tree.key = this.tree(tree.key);
        if (tree.key.kind === 'concat') tree.map.partTypes = keyPartTypes(tree.key.parts);
        return tree;
      case 'concat':
        return this.#concat(tree);
      case 'swapped': {
        tree.argument = this.tree(tree.argument);
        const { type, order } = tree.argument;
        tree.type = type;
        tree.order = order === 'host' ? 'network' : 'host';
        return tree;
      }
      case 'binary':
        return this.#binary(tree);
      case 'payload':
        this.#payload(tree);
        return tree;
      case 'value':
        return resolveConstant(tree, this.#keysAsTheyAre);
      case 'range':
        tree.from = this.tree(tree.from);
        tree.to = this.tree(tree.to);
        return tree;
      case 'prefix':
        tree.base = this.tree(tree.base);
        return tree;
      case 'exthdr':
        this.dependencies.killByExthdr(tree);
        return tree;
      case 'hash':
        if (tree.source !== undefined) tree.source = this.tree(tree.source);
        return tree;
      case 'ct':
        this.#ct(tree);
        return tree;
      default:
        return tree;
    }
  }

  #payload(payload: Payload): void {
    completePayload(payload, this.protocols);
    if (payload.tunnel !== undefined) this.killOuter(payload);
    this.dependencies.killByPayload(payload, this.family);
  }

  /** A test that GRE follows is implied by anything that is read inside of it. */
  killOuter({ tunnel }: Payload): void {
    if (this.outer === undefined || tunnel === undefined) return;
    const { dependencies } = this.outer;
    const match = dependencies.get(tunnel.base);
    if (match === undefined) return;
    const { left, right } = match.relation;
    const isGre =
      left.kind === 'meta' && left.key.name === 'l4proto' && right.kind === 'value' && right.value === 47n;
    if (isGre && (tunnel.name === 'gre' || tunnel.name === 'gretap')) dependencies.release(tunnel.base);
  }

  #ct(ct: Ct): void {
    const { name } = ct.key;
    const base = baseOfCt(name);
    const protocol = base && this.protocols.at(base);
    if (name === 'saddr' || name === 'daddr') {
      if (protocol?.name === 'ip') Object.assign(ct, { type: ipv4AddressType, family: 'ip' });
      else if (protocol?.name === 'ip6') Object.assign(ct, { type: ipv6AddressType, family: 'ip6' });
      ct.bits = ct.type.bits;
    } else if (base === 'transport' && protocol !== undefined) ct.type = inetServiceType;
  }

  #concat(tree: Concat): Concat {
    const { partTypes } = tree;
    const picked = this.#picksFields;
    this.#picksFields = true;
    tree.parts = tree.parts.map((part, index) => {
      const type = partTypes?.[index];
      if (type !== undefined) setType(part, type, type.order);
      return this.tree(part);
    });
    this.#picksFields = picked;
    tree.partTypes = tree.parts.map(({ type }) => type);
    return tree;
  }

  #binary(tree: Binary): Tree {
    const field = this.#shiftedField(tree);
    if (field !== undefined) return field;
    tree.left = this.tree(tree.left);
    const { left, right } = tree;
    if (tree.operator === '<<' || tree.operator === '>>') {
      setType(right, integerType, 'none');
      tree.type = rawType;
      tree.order = 'host';
      return tree;
    }
    setType(right, left.type, right.bits > left.bits ? 'host' : left.order);
    if (tree.operator === '&' && this.#picksFields && left.kind === 'payload' && right.kind === 'value')
      return this.unmask({ left, mask: right }) ? left : tree;
    tree.right = this.tree(right);
    tree.type = left.type;
    tree.order = left.order;
    return tree;
  }

  /** `(field & mask) >> shift`, as keys of named sets are loaded: the field. */
  #shiftedField(tree: Binary): Tree | undefined {
    if (tree.operator !== '>>') return undefined;
    if (tree.left.kind === 'swapped') tree.left = tree.left.argument;
    const masked = tree.left;
    if (masked.kind !== 'binary' || masked.operator !== '&') return undefined;
    if (masked.left.kind !== 'payload' && masked.left.kind !== 'exthdr') return undefined;
    masked.left = this.tree(masked.left);
    return this.unmask({ left: masked.left, mask: masked.right, values: tree.right }) ? masked.left : masked;
  }

  #mapKey({ operator, left, right }: Binary, map: SetUse, replace: (key: Tree) => void): void {
    if (operator !== '&' || left.kind !== 'payload' || right.kind !== 'value') return;
    if (this.unmask({ left, mask: right, values: map })) replace(left);
  }

  /** Finds the name of a payload, says what is compared with it, and removes what it implies. */
  named(payload: Payload, values: Tree | undefined): void {
    completePayload(payload, this.protocols);
    if (values !== undefined) setType(values, payload.type, payload.order);
    this.dependencies.killByPayload(payload, this.family);
  }

  /** Whether the mask only says which bits the field has, and is not needed any more. */
  unmask({ left, mask, values, matched }: Masked): boolean {
    if (mask.kind !== 'value') return false;
    const shift =
      left.kind === 'payload'
        ? trimPayload(left, mask, this.protocols)
        : left.kind === 'exthdr'
          ? trimExthdr(left, mask)
          : undefined;
    if (shift !== undefined) {
      if (values !== undefined) shiftValues(values, shift, left.bits);
      if (left.kind !== 'payload') {
        if (values !== undefined) setType(values, left.type, left.order);
      } else if (matched !== undefined) matched(left);
      else this.named(left, values);
      return true;
    }
    if (left.kind !== 'payload' || values?.kind !== 'value') return false;
    const raw = trimRawPayload(left, mask);
    if (raw === undefined) return false;
    values.value >>= BigInt(raw);
    return true;
  }
}

function shiftValues(tree: Tree, by: number, bits: number): void {
  switch (tree.kind) {
    case 'value':
      shiftConstant(tree, by, bits);
      return;
    case 'range':
      shiftConstant(tree.from as Constant, by, bits);
      shiftConstant(tree.to as Constant, by, bits);
      return;
    case 'set':
      if ((tree.set.flags & SetFlag.anonymous) !== 0) tree.shifted = { by, bits };
      return;
    default:
  }
}
