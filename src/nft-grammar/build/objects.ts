// Properties of named objects.

import type {
  CtTimeoutState,
  Expression,
  L4Protocol,
  Name,
  NumberLiteral,
  SynproxyArguments,
  TextLiteral,
  TimeLiteral,
  TunnelOptions,
} from '../../ast/nodes/index.ts';
import type { Family } from '../../model/family.ts';
import { type Branch, isBranch, listItems } from '../derivation.ts';
import { type Build, type Compiler, type Constructor, keyword, node } from './compiler.ts';
import type { OptionPart } from './names.ts';
import type { PropertyValues, TunnelAddress } from './properties.ts';

/** Builders of the numbers among a branch's children, in order. */
const numbers = (branch: Branch, compiler: Compiler): readonly Build<NumberLiteral>[] =>
  branch.children
    .filter(isBranch)
    .filter(child => child.name === 'number')
    .map(child => compiler.build(child));

const counterConfig: Constructor = (branch, compiler) => {
  const [packets, bytes] = numbers(branch, compiler);
  return (view): PropertyValues['counterConfig'] => ({ packets: packets!(view), bytes: bytes!(view) });
};

/** NF_SYNPROXY_OPT_TIMESTAMP */
const timestampFlag = 8n;
const largestScale = 14n;

/** In `mss 1460 wscale 7`, without a separator between the two, nft 1.1.7 takes the flag of timestamps for the scale. */
function asNftTakesIt(wscale: NumberLiteral, timestamp: boolean): NumberLiteral {
  if (wscale.value > largestScale) return wscale;
  return { ...wscale, value: timestamp ? timestampFlag : 0n };
}

const synproxyConfig: Constructor = (branch, compiler) => {
  const [mss, wscale] = numbers(branch, compiler);
  const flags = branch.children.map(child => keyword(child));
  const timestamp = flags.includes('timestamp');
  const isOneLine = keyword(branch.children[2]) === 'wscale';
  return (view): SynproxyArguments => ({
    mss: mss!(view),
    wscale: isOneLine ? asNftTakesIt(wscale!(view), timestamp) : wscale!(view),
    timestamp,
    sackPermitted: flags.includes('sack-perm'),
  });
};

const helperType: Constructor = (branch, compiler) => {
  const helper = compiler.build<TextLiteral>(branch.children[1]);
  const protocol = keyword(branch.children[3]) as L4Protocol;
  return (view): PropertyValues['helperType'] => ({ helper: helper(view), protocol });
};

const l3protocol: Constructor = branch => {
  const family = keyword(branch.children[1]) as Family;
  return (): Family => family;
};

const l4protocol: Constructor = branch => {
  const protocol = keyword(branch.children[1]) as L4Protocol;
  return (): L4Protocol => protocol;
};

const timeoutState: Constructor = (branch, compiler) => {
  const state = compiler.build<Name>(branch.children[0]);
  const timeout = compiler.build<NumberLiteral | TimeLiteral>(branch.children[2]);
  return node(
    branch,
    (view): Omit<CtTimeoutState, 'span'> => ({
      kind: 'ct_timeout_state',
      state: state(view),
      timeout: timeout(view),
    }),
  );
};

const timeoutPolicy: Constructor = (branch, compiler) => {
  const states = compiler.buildAll<CtTimeoutState>(listItems(branch.children[3]!));
  return view => states.map(build => build(view));
};

const tunnelAddress: Constructor = (branch, compiler) => {
  const family = keyword(branch.children[0]) as TunnelAddress['family'];
  const side = keyword(branch.children[1]) === 'saddr' ? 'source' : 'destination';
  const address = compiler.build<Expression>(branch.children[2]);
  return (view): TunnelAddress => ({ family, side, address: address(view) });
};

const geneveOption: Constructor = (branch, compiler) => {
  const [optionClass, type] = numbers(branch, compiler);
  const data = compiler.build<TextLiteral>(branch.children[5]);
  return view => ({ class: optionClass!(view), type: type!(view), data: data(view) });
};

/** `erspan { … }`: the last of each option; `geneve { … }`: all of them in order. */
const tunnelOptions: Constructor = (branch, compiler) => {
  const kind = keyword(branch.children[0]);
  const items = compiler.buildAll(listItems(branch.children[2]!));
  return (view): TunnelOptions => {
    const built = items.map(build => build(view));
    if (kind === 'geneve') return { kind, options: built } as unknown as TunnelOptions;
    const entries = (built as readonly OptionPart[]).map(({ name, value }) => [name, value]);
    return { kind, ...Object.fromEntries(entries) } as unknown as TunnelOptions;
  };
};

export const objectConstructors: readonly (readonly [string, Constructor])[] = [
  ['counterConfig', counterConfig],
  ['synproxyConfig', synproxyConfig],
  ['helperType', helperType],
  ['l3protocol', l3protocol],
  ['l4protocol', l4protocol],
  ['timeoutState', timeoutState],
  ['timeoutPolicy', timeoutPolicy],
  ['tunnelAddress', tunnelAddress],
  ['geneveOption', geneveOption],
  ['tunnelOptions', tunnelOptions],
];
