// What a rule or a list of elements refers to by name: chains, sets, objects, flowtables; and what it uses that cannot run
// everywhere. A tree shares the values of variables, so every node is visited once.

import type { Span } from '../../source/span.ts';
import type { Element, ElementList, ObjectType } from '../nodes/index.ts';
import { type AnyNode, featureOf, type Used } from './features.ts';

/** A name as it was written. Through a variable, the span is the variable's. */
export interface Written {
  readonly text: string;
  readonly span: Span;
}

export type Reference = Written &
  (
    | { readonly kind: 'chain' }
    | { readonly kind: 'set' }
    /** The set of a meter, which the rule makes if it is not there. */
    | { readonly kind: 'meter' }
    | { readonly kind: 'flowtable' }
    | { readonly kind: 'object'; readonly objectType: ObjectType }
  );

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isNode(value: unknown): value is AnyNode {
  return isObject(value) && 'kind' in value && 'span' in value;
}

/** The name that `value` is, also one that a variable holds; `undefined` where it is computed (a map). */
export function nameOf(value: unknown): Written | undefined {
  if (!isNode(value)) return undefined;
  const { kind, span } = value;
  if (kind === 'variable') {
    const held = nameOf(value['value']);
    return held === undefined ? undefined : { text: held.text, span };
  }
  const text = value['text'];
  return (kind === 'name' || kind === 'symbol') && typeof text === 'string' ? { text, span } : undefined;
}

function isElementList(value: object): value is ElementList {
  return !Array.isArray(value) && 'length' in value && 'at' in value;
}

/** Only data can refer to something, and all elements have data of one kind: one look saves 100,000. */
function mayRefer(elements: ElementList): boolean {
  if (elements.length === 0) return false;
  const { data } = elements.at(0);
  return data !== undefined && data.kind !== 'number' && data.kind !== 'symbol';
}

/** The object itself, or all that a map in the statement gives. */
function objectNames(object: unknown): readonly Written[] {
  const name = nameOf(object);
  if (name !== undefined) return [name];
  const map = isNode(object) && object.kind === 'map' ? held(object['map']) : undefined;
  if (map?.kind !== 'set') return [];
  const elements = map['elements'] as ElementList;
  return Array.from({ length: elements.length }, (_, index) => nameOf(elements.at(index).data)).filter(
    each => each !== undefined,
  );
}

/** What a variable stands for, if it is one. */
function held(node: unknown): AnyNode | undefined {
  if (!isNode(node)) return undefined;
  return node.kind === 'variable' ? held(node['value']) : node;
}

class Collector {
  readonly references: Reference[] = [];
  readonly features: Used[] = [];
  readonly #visited = new Set<object>();

  visit(value: unknown): void {
    if (!isObject(value) || this.#visited.has(value)) return;
    this.#visited.add(value);
    if (isElementList(value)) this.#visitElements(value);
    else if (Array.isArray(value)) for (const item of value) this.visit(item);
    else if (isNode(value)) this.#visitNode(value);
  }

  #visitElements(elements: ElementList): void {
    if (!mayRefer(elements)) return;
    for (let index = 0; index < elements.length; index++) this.visit(elements.at(index) satisfies Element);
  }

  #visitNode(node: AnyNode): void {
    this.#note(node);
    const feature = featureOf(node);
    if (feature !== undefined) this.features.push({ feature, span: node.span });
    // A rule may make its statements on demand, by a property that an enumeration does not see.
    if (node.kind === 'rule') this.visit(node['statements']);
    else for (const property in node) if (property !== 'span') this.visit(node[property]);
  }

  #note(node: AnyNode): void {
    const { kind, span } = node;
    if (kind === 'set_reference') this.#add('set', { text: String(node['name']), span });
    else if (kind === 'meter') this.#add('meter', nameOf(node['name']));
    else if (kind === 'flow') this.#add('flowtable', nameOf(node['flowtable']));
    else if (kind === 'verdict') this.#add('chain', nameOf(node['chain']));
    else if (kind === 'object_reference')
      for (const name of objectNames(node['object']))
        this.references.push({ ...name, kind: 'object', objectType: node['objectType'] as ObjectType });
  }

  #add(kind: 'chain' | 'set' | 'meter' | 'flowtable', name: Written | undefined): void {
    if (name !== undefined) this.references.push({ ...name, kind } as Reference);
  }
}

/** In the order they are written. `node`: a rule, a set literal, a variable. */
export function referencesOf(node: unknown): readonly Reference[] {
  return usesOf(node).references;
}

export function usesOf(node: unknown): {
  readonly references: readonly Reference[];
  readonly features: readonly Used[];
} {
  const collector = new Collector();
  collector.visit(node);
  return collector;
}
