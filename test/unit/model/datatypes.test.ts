// Datatypes and their symbols against `nft describe`.

import { describe, expect, it } from 'vitest';
import type { Datatype } from '../../../src/model/datatype.ts';
import * as model from '../../../src/model/datatype.ts';
import { protocolNumbers, servicePorts } from '../../../src/model/service-names.ts';
import type { SymbolTable } from '../../../src/model/symbols.ts';
import { askNft, checkWithNft, rulesOf } from '../../support/nft.ts';
import { isMissing } from '../../support/requirements.ts';

interface Described {
  readonly head: string;
  readonly symbols: readonly (readonly [string, bigint])[];
}

/** `describe` answers without blank lines between, so the heads are looked for. */
function parseDescriptions(output: string): readonly Described[] {
  return output
    .split(/(?=(?:\w+ expression, )?datatype )/)
    .filter(part => part.includes('datatype'))
    .map(part => ({
      head: /datatype .*bits/.exec(part)?.[0] ?? part,
      symbols: [...part.matchAll(/^\t(\S+)\s+(0x[0-9a-f]+|\d+)$/gm)].map(
        m => [m[1]!, BigInt(m[2]!)] as const,
      ),
    }));
}

function basesOf(type: Datatype): string {
  const names: string[] = [];
  for (let base = type.base; base !== undefined; base = base.base) names.push(base.description);
  return names.length === 0 ? '' : ` (basetype ${names.join(', ')})`;
}

const headOf = (type: Datatype): string =>
  `datatype ${type.name} (${type.description})${basesOf(type)}, ${type.bits} bits`;

function swapBytes(value: bigint): bigint {
  return ((value & 0xffn) << 8n) | (value >> 8n);
}

/** nft prints big-endian 16 bit symbols as the host reads their bytes. */
function asDescribed(type: Datatype, table: SymbolTable): readonly (readonly [string, bigint])[] {
  const swapped = type.order === 'network' && type.bits === 16;
  return [...table].map(([name, value]) => [name, swapped ? swapBytes(value) : value]);
}

const describeCommands: ReadonlyMap<Datatype, string> = new Map([
  [model.durationType, 'ct expiration'],
  [model.dateType, 'meta time'],
  [model.dayType, 'meta day'],
  [model.hourType, 'meta hour'],
  [model.mptcpSubtypeType, 'tcp option mptcp subtype'],
  [model.ecnType, 'ip ecn'],
  [model.classidType, 'meta priority'],
]);
const all = [...new Set([...model.datatypes.values(), model.dateType, model.mptcpSubtypeType])];
/** Known on input but not listed. */
const unlisted = new Set([model.icmpCodeType, model.icmpv6CodeType, model.icmpxCodeType]);

describe.skipIf(isMissing('root', 'nft'))('datatypes as the reference describes them', () => {
  const commands = all.map(type => `describe ${describeCommands.get(type) ?? type.name}`);
  const described = parseDescriptions(askNft(`${commands.join('\n')}\n`).stdout);

  it('describes every one', () => {
    expect(described.length).toBe(all.length);
  });

  it.each(all.map((type, index) => [type.name, type, index] as const))('%s', (_name, type, index) => {
    const answer = described[index]!;
    expect(answer.head).toBe(headOf(type));
    // Names in files of the machine are not built in.
    if (['protocol', 'realm', 'device_group', 'mark', 'label'].includes(type.literal)) return;
    expect(answer.symbols).toEqual(
      type.symbols === undefined || unlisted.has(type) ? [] : asDescribed(type, type.symbols),
    );
  });
});

/** The compared values of rules `SELECTOR NAME`, in order. */
function valuesOf(selector: string, names: readonly string[]): readonly number[] {
  const rules = names.map(name => `${selector} "${name}"`).join('\n');
  const answer = checkWithNft(`table ip t { chain c {\n${rules}\n}\n}\n`);
  expect(answer.stderr).toBe('');
  return rulesOf(answer.stdout).map(rule => Number(/0x[0-9a-f]+/.exec(rule.at(-1)!)?.[0]));
}

describe.skipIf(isMissing('root', 'nft'))('names as the reference resolves them', () => {
  it('services', () => {
    expect(valuesOf('tcp dport', [...servicePorts.keys()])).toEqual([...servicePorts.values()]);
  });

  it('protocols', () => {
    expect(valuesOf('meta l4proto', [...protocolNumbers.keys()])).toEqual([...protocolNumbers.values()]);
  });

  it.each([
    ['icmp code', model.icmpCodeType],
    ['icmpv6 code', model.icmpv6CodeType],
  ] as const)('%s', (selector, type) => {
    expect(valuesOf(selector, [...type.symbols!.keys()])).toEqual([...type.symbols!.values()].map(Number));
  });
});
