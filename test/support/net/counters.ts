// Every counter of the rulesets loaded in a namespace, by a stable key.

import { familyNumber } from '../../../src/model/family.ts';
import { Attributes, type NftMessage, type NftSocket, textAttributes } from './netlink.ts';

export interface Count {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/**
 * Keys: `rule FAMILY TABLE CHAIN INDEX COUNTER` (the rule's place in its chain, the counter's among the rule's
 * counters, both from 0), `object FAMILY TABLE NAME`, `element FAMILY TABLE SET KEYHEX`, and the same with `quota`
 * in front, whose bytes are what was consumed.
 */
export type Counts = ReadonlyMap<string, Count>;

const NFT_MSG_GETRULE = 7;
const NFT_MSG_GETSET = 10;
const NFT_MSG_GETSETELEM = 13;
const NFT_MSG_GETOBJ = 19;
const NFTA_LIST_ELEM = 1;

const familyName = new Map(Object.entries(familyNumber).map(([name, number]) => [number, name]));

interface State {
  readonly kind: 'counter' | 'quota';
  readonly count: Count;
}

function stateOf(kind: string, data: Attributes | undefined): State | undefined {
  if (data === undefined) return undefined;
  if (kind === 'counter') return { kind, count: { bytes: data.integer(1), packets: data.integer(2) } };
  if (kind === 'quota') return { kind, count: { bytes: data.integer(4), packets: 0n } };
  return undefined;
}

/** Counters and quotas of a list of expressions. */
function* states(expressions: Attributes | undefined): Generator<State> {
  for (const [type, payload] of expressions?.entries() ?? []) {
    if (type !== NFTA_LIST_ELEM) continue;
    const expression = new Attributes(payload);
    const state = stateOf(expression.text(1), expression.nested(2));
    if (state) yield state;
  }
}

function add(counts: Map<string, Count>, state: State, key: string): void {
  counts.set(state.kind === 'quota' ? `quota ${key}` : key, state.count);
}

function placeOf(message: NftMessage): string {
  return `${familyName.get(message.family) ?? message.family} ${message.attributes.text(1)}`;
}

function readRules(socket: NftSocket, counts: Map<string, Count>): void {
  const positions = new Map<string, number>();
  for (const message of socket.dump(NFT_MSG_GETRULE)) {
    const chain = `rule ${placeOf(message)} ${message.attributes.text(2)}`;
    const position = positions.get(chain) ?? 0;
    positions.set(chain, position + 1);
    const ordinals = { counter: 0, quota: 0 };
    for (const state of states(message.attributes.nested(4))) {
      add(counts, state, `${chain} ${position} ${ordinals[state.kind]++}`);
    }
  }
}

function readObjects(socket: NftSocket, counts: Map<string, Count>): void {
  const kinds: Readonly<Record<string, string>> = { 1: 'counter', 2: 'quota' };
  for (const message of socket.dump(NFT_MSG_GETOBJ)) {
    const state = stateOf(kinds[String(message.attributes.integer(3))] ?? '', message.attributes.nested(4));
    if (state) add(counts, state, `object ${placeOf(message)} ${message.attributes.text(2)}`);
  }
}

function* elementStates(element: Attributes): Generator<State> {
  yield* states(element.nested(11));
  const single = element.nested(7);
  const state = single && stateOf(single.text(1), single.nested(2));
  if (state) yield state;
}

function* elementsOf(socket: NftSocket, set: NftMessage): Generator<Attributes> {
  const name = new Map([1, 2].map(type => [type, set.attributes.text(type)]));
  for (const message of socket.dump(NFT_MSG_GETSETELEM, textAttributes(name), set.family)) {
    for (const [, payload] of message.attributes.nested(3)?.entries() ?? []) yield new Attributes(payload);
  }
}

function readElements(socket: NftSocket, set: NftMessage, counts: Map<string, Count>): void {
  for (const element of elementsOf(socket, set)) {
    const key = Buffer.from(element.nested(1)?.payload(1) ?? []).toString('hex') || 'catchall';
    for (const state of elementStates(element)) {
      add(counts, state, `element ${placeOf(set)} ${set.attributes.text(2)} ${key}`);
    }
  }
}

/** What there is to read beside rules: asked once, as it costs a dump each. */
export interface CounterSources {
  readonly objects: boolean;
  readonly sets: readonly NftMessage[];
}

const NFT_SET_EVAL = 0x20n;

/** A set that counts, or whose elements may come to do so. */
function keepsState(socket: NftSocket, set: NftMessage): boolean {
  if ((set.attributes.integer(3) & NFT_SET_EVAL) !== 0n) return true;
  for (const element of elementsOf(socket, set)) if (!elementStates(element).next().done) return true;
  return false;
}

export function findCounterSources(socket: NftSocket): CounterSources {
  return {
    objects: socket.dump(NFT_MSG_GETOBJ).length > 0,
    sets: socket.dump(NFT_MSG_GETSET).filter(set => keepsState(socket, set)),
  };
}

export function readCounts(socket: NftSocket, sources: CounterSources): Counts {
  const counts = new Map<string, Count>();
  readRules(socket, counts);
  if (sources.objects) readObjects(socket, counts);
  for (const set of sources.sets) readElements(socket, set, counts);
  return counts;
}

/** Counters that changed, or are new, since `before`; by how much. */
export function countDeltas(before: Counts, after: Counts): Map<string, Count> {
  const deltas = new Map<string, Count>();
  for (const [key, now] of after) {
    const then = before.get(key) ?? { packets: 0n, bytes: 0n };
    const delta = { packets: now.packets - then.packets, bytes: now.bytes - then.bytes };
    if (delta.packets !== 0n || delta.bytes !== 0n) deltas.set(key, delta);
  }
  return deltas;
}
