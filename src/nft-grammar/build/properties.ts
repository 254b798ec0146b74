// Lines of blocks. A line gives properties; reader/declare.ts puts them together.

import type {
  BaseChainSpec,
  ChainPolicy,
  CtTimeoutState,
  DeviceList,
  Expression,
  L4Protocol,
  LimitArguments,
  MapData,
  Name,
  NumberLiteral,
  ObjectType,
  Priority,
  QuotaArguments,
  SetExpression,
  SetFlagName,
  SetKey,
  StatefulStatement,
  SymbolExpression,
  SynproxyArguments,
  TextLiteral,
  TimeLiteral,
  TunnelOptions,
  VariableExpression,
} from '../../ast/nodes/index.ts';
import type { Family } from '../../model/family.ts';
import type { Span } from '../../source/span.ts';
import { type Branch, isBranch, listItems, listMembers } from '../derivation.ts';
import {
  type Build,
  type Compiler,
  type Constructor,
  constant,
  keyword,
  node,
  part,
  rangeOf,
} from './compiler.ts';
import type { CommentPart, OptionPart } from './names.ts';

/** What each kind of property holds; the kinds are names of constructors. */
export interface PropertyValues {
  readonly typeKey: SetKey;
  readonly typeofKey: SetKey;
  readonly mapKey: { readonly key: SetKey; readonly data: MapData };
  readonly elements: SetExpression | VariableExpression;
  readonly autoMerge: true;
  readonly setFlags: readonly SetFlagName[];
  readonly timeout: TimeLiteral;
  readonly gcInterval: TimeLiteral;
  readonly setPolicy: 'performance' | 'memory';
  readonly size: NumberLiteral;
  readonly statements: readonly StatefulStatement[];
  readonly comment: CommentPart;
  readonly devices: DeviceList;
  readonly devicesVariable: DeviceList;
  readonly offload: true;
  readonly flowCounter: true;
  readonly flowHook: { readonly hook: Name; readonly priority: Priority };
  readonly counterConfig: { readonly packets: NumberLiteral; readonly bytes: NumberLiteral };
  readonly quotaArguments: QuotaArguments;
  readonly argument: LimitArguments;
  readonly secmark: TextLiteral;
  readonly synproxyConfig: SynproxyArguments;
  readonly helperType: { readonly helper: TextLiteral; readonly protocol: L4Protocol };
  readonly l3protocol: Family;
  readonly l4protocol: L4Protocol;
  readonly timeoutPolicy: readonly CtTimeoutState[];
  readonly option: OptionPart;
  readonly tunnelAddress: TunnelAddress;
  readonly tunnelOptions: TunnelOptions;
}

export interface TunnelAddress {
  readonly family: 'ip' | 'ip6';
  readonly side: 'source' | 'destination';
  readonly address: Expression;
}

export type Property = {
  readonly [K in keyof PropertyValues]: {
    readonly kind: K;
    readonly value: PropertyValues[K];
    readonly span: Span;
  };
}[keyof PropertyValues];

/** Several constructors make the key of a map. */
const kindOf = (name: string): string => (/^type(of)?.*Map$/.test(name) ? 'mapKey' : name);

/** The branches of a line: of lists among its children, and the children themselves. */
function propertyBranches(branch: Branch): readonly Branch[] {
  return branch.children.filter(isBranch).flatMap(child => {
    const isList = child.name === 'first' || child.name === 'more' || child.name === 'none';
    return isList ? listItems(child) : [child];
  });
}

const properties: Constructor = (branch, compiler) => {
  const builders = propertyBranches(branch).map(item => {
    const { first, last } = rangeOf(item);
    return { kind: kindOf(item.name), build: compiler.build(item), first, last };
  });
  return (view): readonly Property[] =>
    builders.map(
      ({ kind, build, first, last }) =>
        ({ kind, value: build(view), span: view.span(first, last) }) as Property,
    );
};

/** Keywords of a list, separators left out. */
const keywordList = (branch: Branch, at: number): readonly string[] =>
  listMembers(branch.children[at]!)
    .map(keyword)
    .filter(text => text !== ',' && text !== '.' && text !== '');

const always: Constructor = () => (): true => true;
/** The value of a property that is its last branch. */
const lastBranch: Constructor = (branch, compiler) => compiler.build(branch.children.filter(isBranch).at(-1));

const setFlags: Constructor = branch => {
  const flags = keywordList(branch, 1);
  return () => flags;
};
const setPolicy: Constructor = branch => {
  const policy = keyword(branch.children[1]);
  return () => policy;
};
const statements: Constructor = (branch, compiler) => {
  const all = compiler.buildAll<StatefulStatement>(listItems(branch.children[0]!));
  return view => all.map(build => build(view));
};

// keys of sets and data of maps

function typeOf(branch: Branch, from: number, compiler: Compiler): Build<SetKey> {
  const parts = compiler.buildAll<Name>(listItems(branch.children[from + 1]!));
  const target: Branch = { name: 'typeKey', children: branch.children.slice(from, from + 2) };
  return node(
    target,
    (view): Omit<Extract<SetKey, { kind: 'type' }>, 'span'> => ({
      kind: 'type',
      parts: parts.map(build => build(view)),
    }),
  ) as Build<SetKey>;
}

function typeofOf(branch: Branch, compiler: Compiler): Build<SetKey> {
  const expression = compiler.build<Expression>(branch.children[1]);
  const target: Branch = { name: 'typeofKey', children: branch.children.slice(0, 2) };
  return node(
    target,
    (view): Omit<Extract<SetKey, { kind: 'typeof' }>, 'span'> => ({
      kind: 'typeof',
      expression: expression(view),
    }),
  ) as Build<SetKey>;
}

const typeKey: Constructor = (branch, compiler) => typeOf(branch, 0, compiler);
const typeofKey: Constructor = (branch, compiler) => typeofOf(branch, compiler);

/** What stands behind the colon, as a branch of its own for its place. */
const dataPart = (branch: Branch): Branch => ({ name: 'data', children: branch.children.slice(3) });

function mapOf(key: Build<SetKey>, data: Build<unknown>): Build<PropertyValues['mapKey']> {
  return view => ({ key: key(view), data: data(view) as MapData });
}

const typeMap: Constructor = (branch, compiler) => {
  const interval = branch.children[3] !== null;
  const parts = compiler.buildAll<Name>(listItems(branch.children[4]!));
  const data = node(dataPart(branch), view => ({
    kind: 'type',
    parts: parts.map(build => build(view)),
    interval,
  }));
  return mapOf(typeOf(branch, 0, compiler), data);
};

const objectData = (branch: Branch): Build<unknown> => {
  const objectType = branch.children.slice(3).map(keyword).join(' ') as ObjectType;
  return node(dataPart(branch), () => ({ kind: 'object', objectType }));
};
const typeObjectMap: Constructor = (branch, compiler) =>
  mapOf(typeOf(branch, 0, compiler), objectData(branch));
const typeofObjectMap: Constructor = (branch, compiler) =>
  mapOf(typeofOf(branch, compiler), objectData(branch));

const typeofMap: Constructor = (branch, compiler) => {
  const interval = branch.children[3] !== null;
  const expression = compiler.build<Expression>(branch.children[4]);
  const data = node(dataPart(branch), view => {
    const built = expression(view);
    // `typeof … : ct helper` maps to named helpers, not to what a helper is called.
    const isHelper = built.kind === 'ct' && built.key === 'helper';
    if (isHelper) return { kind: 'object', objectType: 'ct helper' };
    return { kind: 'typeof', expression: built, interval };
  });
  return mapOf(typeofOf(branch, compiler), data);
};

const typeofVerdictMap: Constructor = (branch, compiler) => {
  const { first } = rangeOf(dataPart(branch));
  const data = node(dataPart(branch), view => {
    const verdict: Name = { kind: 'name', text: 'verdict', span: view.span(first, first) };
    return { kind: 'type', parts: [verdict], interval: false };
  });
  return mapOf(typeofOf(branch, compiler), data);
};

const typeofQueueMap: Constructor = (branch, compiler) =>
  mapOf(
    typeofOf(branch, compiler),
    node(dataPart(branch), () => ({ kind: 'queue' })),
  );

// chains

type Device = SymbolExpression | VariableExpression;

const devices: Constructor = (branch, compiler) => {
  const all = compiler.buildAll<Device>(listItems(branch.children[3]!));
  return view => all.map(build => build(view));
};
const oneDevice: Constructor = (branch, compiler) => {
  const device = compiler.build<Device>(branch.children[1]);
  return view => [device(view)];
};

const priority: Constructor = (branch, compiler) => {
  const parts = branch.children.slice(1);
  const negated = parts.some(child => keyword(child) === '-');
  const byName = new Map(parts.filter(isBranch).map(child => [child.name, compiler.build(child)]));
  const number = byName.get('number') as Build<NumberLiteral> | undefined;
  return node(branch, (view): Omit<Priority, 'span'> => {
    const value = number?.(view).value;
    return {
      kind: 'priority',
      ...part('name', byName.get('name') as Build<Name> | undefined, view),
      ...constant('offset', value === undefined ? undefined : negated ? -value : value),
      ...part('variable', byName.get('variable') as Build<VariableExpression> | undefined, view),
    };
  });
};

const baseChain: Constructor = (branch, compiler) => {
  const type = keyword(branch.children[1]) as BaseChainSpec['type'];
  const hook = compiler.build<Name>(branch.children[3]);
  const chainDevices = compiler.optional<DeviceList>(branch.children[4]);
  const chainPriority = compiler.build<Priority>(branch.children[5]);
  return node(
    branch,
    (view): Omit<BaseChainSpec, 'span'> => ({
      kind: 'base_chain',
      type,
      hook: hook(view),
      priority: chainPriority(view),
      ...part('devices', chainDevices, view),
    }),
  );
};

const policy: Constructor = (branch, compiler) => {
  const value = branch.children[1]!;
  const variable = isBranch(value) ? compiler.build<VariableExpression>(value) : undefined;
  const word = keyword(value) as 'accept' | 'drop';
  return node(
    branch,
    (view): Omit<ChainPolicy, 'span'> => ({
      kind: 'policy',
      policy: variable === undefined ? word : variable(view),
    }),
  );
};

const flowHook: Constructor = (branch, compiler) => {
  const hook = compiler.build<Name>(branch.children[1]);
  const hookPriority = compiler.build<Priority>(branch.children[2]);
  return (view): PropertyValues['flowHook'] => ({ hook: hook(view), priority: hookPriority(view) });
};

export const propertyConstructors: readonly (readonly [string, Constructor])[] = [
  ['properties', properties],
  ['elements', lastBranch],
  ['autoMerge', always],
  ['offload', always],
  ['flowCounter', always],
  ['setFlags', setFlags],
  ['setPolicy', setPolicy],
  ['gcInterval', lastBranch],
  ['size', lastBranch],
  ['statements', statements],
  ['typeKey', typeKey],
  ['typeofKey', typeofKey],
  ['typeMap', typeMap],
  ['typeObjectMap', typeObjectMap],
  ['typeofMap', typeofMap],
  ['typeofVerdictMap', typeofVerdictMap],
  ['typeofQueueMap', typeofQueueMap],
  ['typeofObjectMap', typeofObjectMap],
  ['devices', devices],
  ['devicesVariable', lastBranch],
  ['oneDevice', oneDevice],
  ['priority', priority],
  ['baseChain', baseChain],
  ['policy', policy],
  ['flowHook', flowHook],
  ['secmark', lastBranch],
];
