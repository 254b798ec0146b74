// Properties of a block put together to a declaration. Where nft lets a property be given twice, the last one holds;
// where it does not, the second is an error.

import type {
  FlowtableDeclaration,
  MapDeclaration,
  Name,
  ObjectDeclaration,
  ObjectType,
  SetDeclaration,
  SetFlagName,
  SetProperties,
  TableReference,
  TunnelProperties,
} from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import { constant } from '../build/compiler.ts';
import type { OptionPart } from '../build/names.ts';
import type { Property, PropertyValues } from '../build/properties.ts';
import type { Session } from './session.ts';

/** What every declaration begins with. */
export interface Heading {
  readonly table: TableReference;
  readonly name: Name;
  readonly span: Span;
}

/** The properties of one block, by kind. */
export class Properties {
  private readonly all: readonly Property[];

  constructor(all: readonly Property[]) {
    this.all = all;
  }

  ofKind<K extends Property['kind']>(kind: K): readonly Extract<Property, { kind: K }>[] {
    return this.all.filter((property): property is Extract<Property, { kind: K }> => property.kind === kind);
  }

  /** The value of the last property of a kind. */
  last<K extends Property['kind']>(kind: K): PropertyValues[K] | undefined {
    const found = this.ofKind(kind);
    return found[found.length - 1]?.value as PropertyValues[K] | undefined;
  }

  has(kind: Property['kind']): boolean {
    return this.all.some(property => property.kind === kind);
  }

  /** The last `name value` option of a name. */
  option<T>(name: string): T | undefined {
    const found = this.ofKind('option').filter(({ value }) => value.name === name);
    return (found[found.length - 1]?.value as OptionPart | undefined)?.value as T | undefined;
  }

  /** Reports the second property of these kinds. */
  refuseSecond(session: Session, what: string, ...kinds: readonly Property['kind'][]): void {
    const found = this.all.filter(({ kind }) => kinds.includes(kind));
    if (found.length < 2) return;
    const notes = [{ message: 'given here first', span: found[0]!.span }];
    session.error('given-twice', `${what} can be given once`, found[1]!.span, { notes });
  }
}

const commentOf = (properties: Properties): object =>
  constant('comment', properties.last('comment')?.comment);

function setProperties(
  heading: Heading,
  properties: Properties,
  flags: readonly SetFlagName[],
): SetProperties {
  return {
    ...heading,
    ...constant('key', properties.last('typeKey') ?? properties.last('typeofKey')),
    flags,
    ...constant('timeout', properties.last('timeout')),
    ...constant('gcInterval', properties.last('gcInterval')),
    ...constant('size', properties.last('size')),
    ...constant('policy', properties.last('setPolicy')),
    autoMerge: properties.has('autoMerge'),
    ...constant('elements', properties.last('elements')),
    statements: properties.ofKind('statements').flatMap(({ value }) => value),
    ...commentOf(properties),
  };
}

export function declareSet(session: Session, heading: Heading, properties: Properties): SetDeclaration {
  properties.refuseSecond(session, 'the type of a set', 'typeKey', 'typeofKey');
  properties.refuseSecond(session, "a set's elements", 'elements');
  properties.refuseSecond(session, 'a comment', 'comment');
  // Flags of a set replace each other; those of a map add up.
  return {
    kind: 'set_declaration',
    ...setProperties(heading, properties, properties.last('setFlags') ?? []),
  };
}

export function declareMap(session: Session, heading: Heading, properties: Properties): MapDeclaration {
  properties.refuseSecond(session, 'the type of a map', 'mapKey');
  properties.refuseSecond(session, 'a comment', 'comment');
  const flags = [...new Set(properties.ofKind('setFlags').flatMap(({ value }) => value))];
  const mapKey = properties.last('mapKey');
  return {
    kind: 'map_declaration',
    ...setProperties(heading, properties, flags),
    ...constant('key', mapKey?.key),
    ...constant('data', mapKey?.data),
  };
}

export function declareFlowtable(heading: Heading, properties: Properties): FlowtableDeclaration {
  const hook = properties.last('flowHook');
  return {
    kind: 'flowtable',
    ...heading,
    ...constant('hook', hook?.hook),
    ...constant('priority', hook?.priority),
    ...constant('devices', properties.last('devices') ?? properties.last('devicesVariable')),
    counter: properties.has('flowCounter'),
    offload: properties.has('offload'),
  };
}

function tunnelProperties(properties: Properties): TunnelProperties {
  const addresses = properties.ofKind('tunnelAddress').map(({ value }) => value);
  const side = (name: 'source' | 'destination') => addresses.find(address => address.side === name)?.address;
  return {
    ...constant('id', properties.option('id')),
    ...constant('family', addresses[addresses.length - 1]?.family),
    ...constant('source', side('source')),
    ...constant('destination', side('destination')),
    ...constant('sport', properties.option('sport')),
    ...constant('dport', properties.option('dport')),
    ...constant('ttl', properties.option('ttl')),
    ...constant('tos', properties.option('tos')),
    ...constant('options', properties.last('tunnelOptions')),
  } as TunnelProperties;
}

/** What an object of each type has beside its name. */
const specifics: Readonly<Record<ObjectType, (properties: Properties) => object>> = {
  counter: properties => ({ ...properties.last('counterConfig') }),
  quota: properties => constant('quota', properties.last('quotaArguments')),
  limit: properties => constant('limit', properties.last('argument')),
  secmark: properties => constant('context', properties.last('secmark')),
  synproxy: properties => constant('synproxy', properties.last('synproxyConfig')),
  'ct helper': properties => ({ ...properties.last('helperType'), ...l3protocolOf(properties) }),
  'ct timeout': properties => ({
    ...constant('protocol', properties.last('l4protocol')),
    ...l3protocolOf(properties),
    policy: properties.ofKind('timeoutPolicy').flatMap(({ value }) => value),
  }),
  'ct expectation': properties => ({
    ...constant('protocol', properties.last('l4protocol')),
    ...l3protocolOf(properties),
    ...constant('dport', properties.option('dport')),
    ...constant('timeout', properties.last('timeout')),
    ...constant('size', properties.last('size')),
  }),
  tunnel: tunnelProperties,
};

const l3protocolOf = (properties: Properties): object =>
  constant('l3protocol', properties.last('l3protocol'));

export function declareObject(
  session: Session,
  heading: Heading,
  objectType: ObjectType,
  properties: Properties,
): ObjectDeclaration {
  properties.refuseSecond(session, 'a comment', 'comment');
  properties.refuseSecond(session, 'the type of a helper', 'helperType');
  properties.refuseSecond(session, 'the options of a tunnel', 'tunnelOptions');
  return {
    kind: 'object',
    objectType,
    ...heading,
    ...commentOf(properties),
    ...specifics[objectType](properties),
  } as ObjectDeclaration;
}
