// Every header field and key against what the reference compiles for a rule on it: base, offset, length and mask of the
// load, and the key's name.

import { describe, expect, it } from 'vitest';
import { conntrackKeys } from '../../../src/model/ct-keys.ts';
import type { Datatype } from '../../../src/model/datatype.ts';
import { metaKeys } from '../../../src/model/meta-keys.ts';
import {
  arrayField,
  type OptionHeader,
  optionHeaders,
  tcpOptionAliases,
} from '../../../src/model/option-header.ts';
import { ipsecKeys, routeKeys, type SelectorKey, socketKeys } from '../../../src/model/other-keys.ts';
import {
  type HeaderField,
  icmpMessages,
  type Protocol,
  protocolLink,
  protocols,
} from '../../../src/model/protocol.ts';
import { askNft, checkWithNft, rulesOf } from '../../support/nft.ts';
import { isMissing } from '../../support/requirements.ts';

const skip = isMissing('root', 'nft');

/** A literal that any width takes. */
function literalOf(type: Datatype): string {
  if (type.literal === 'ipv4') return '1.2.3.4';
  if (type.literal === 'ipv6') return '::1';
  if (type.literal === 'link_layer_address') return '0:0:0:0:0:1';
  if (type.class === 'string') return '"abc"';
  if (type.literal === 'classid') return '"1:2"';
  if (type.literal === 'user' || type.literal === 'group') return '1';
  if (type.literal === 'date') return '"1970-01-01 10:00:00"';
  if (type.literal === 'hour') return '"10:00"';
  if (type.literal === 'duration') return '1s';
  if (type.literal === 'cgroup') return '"."';
  return '1';
}

/** One rule alone, so that a refused one does not hide the others. */
function compile(family: string, rules: readonly string[]): readonly (readonly string[])[] {
  const answer = checkWithNft(`table ${family} t { chain c {\n${rules.join('\n')}\n}\n}\n`);
  expect(answer.stderr).toBe('');
  return rulesOf(answer.stdout);
}

const bytesOf = (field: HeaderField): { first: number; length: number } => {
  const first = Math.floor(field.offset / 8);
  return { first, length: Math.ceil((field.offset + field.length) / 8) - first };
};

const isWhole = (field: HeaderField): boolean => field.offset % 8 === 0 && field.length % 8 === 0;

/** The mask as `bitwise` prints it, for fields of up to 4 bytes. */
function maskOf(field: HeaderField): string {
  const { first, length } = bytesOf(field);
  const shift = (first + length) * 8 - field.offset - field.length;
  return `0x${((2 ** field.length - 1) * 2 ** shift).toString(16).padStart(length * 2, '0')}`;
}

const familyOf = (protocol: Protocol): string => (protocol.base === 'transport' ? 'inet' : 'bridge');

function expectedLoad(protocol: Protocol, field: HeaderField): string {
  const { first, length } = bytesOf(field);
  const stacked = protocol.name === 'vlan' ? 14 : 0;
  if (protocol.tunnel !== undefined && protocol.base === 'inner') {
    const { type, headerLength, flags } = protocol.tunnel;
    const load = `payload load ${length}b @ tunnel header + ${first} => reg 1`;
    return `[ inner type ${type} hdrsize ${headerLength} flags ${flags.toString(16)} [ ${load} ] ]`;
  }
  return `[ payload load ${length}b @ ${protocol.base} header + ${first + stacked} => reg 1 ]`;
}

const headers = [...protocols.values()].filter(protocol => protocol.fields.size > 0);

describe.skipIf(skip).each(headers.map(protocol => [protocol.name, protocol] as const))(
  'header %s',
  (name, protocol) => {
    const fields = [...protocol.fields.values()];
    const prefix = protocol.base === 'inner' ? 'udp dport 1 ' : '';

    it('loads', () => {
      const rules = fields.map(field => `${prefix}${name} ${field.name} ${literalOf(field.type)}`);
      const compiled = compile(familyOf(protocol), rules);
      expect(compiled.length).toBe(fields.length);
      for (const [index, field] of fields.entries()) {
        expect(compiled[index], rules[index]!).toContain(expectedLoad(protocol, field));
        const masked = compiled[index]!.some(line =>
          line.startsWith(`[ bitwise reg 1 = ( reg 1 & ${maskOf(field)} )`),
        );
        if (!isWhole(field)) expect(masked, rules[index]!).toBe(true);
      }
    });

    it('types', () => {
      const commands = fields.map(field => `describe ${name} ${field.name}`);
      const heads = [...askNft(`${commands.join('\n')}\n`).stdout.matchAll(/datatype (\S+) .*?(\d+) bits/g)];
      expect(heads.map(head => [head[1], Number(head[2])])).toEqual(
        fields.map(field => [field.type.name, field.length]),
      );
    });
  },
);

describe.skipIf(skip)('ICMP messages', () => {
  const rows = headers.flatMap(protocol =>
    [...protocol.fields.values()].flatMap(field =>
      field.message === undefined ? [] : [[protocol.name, field, icmpMessages[field.message]] as const],
    ),
  );

  it.each(rows)('%s $name', (name, field, message) => {
    const answer = checkWithNft(
      `table inet t { chain c {\n${name} ${field.name} ${literalOf(field.type)}\n}\n}\n`,
    );
    const hex = (value: number): string => value.toString(16).padStart(2, '0');
    const elements = [...answer.stdout.matchAll(/element ([0-9a-f]+)/g)].map(match => match[1]);
    if (message.implied.length > 1) expect(elements).toEqual(message.implied.map(hex));
    else expect(answer.stdout).toContain(`[ cmp eq reg 1 0x${hex(message.implied[0]!)} ]`);
  });

  it.each(rows)('%s $name: types tested before', (name, field, message) => {
    const accepted = Array.from({ length: 256 }, (_, type) => type).filter(type =>
      message.accepts.includes(type),
    );
    const refused = [1, 6, 128, 135, 255].filter(type => !message.accepts.includes(type));
    const check = (type: number): boolean =>
      checkWithNft(
        `table inet t { chain c {\n${name} type ${type} ${name} ${field.name} ${literalOf(field.type)}\n}\n}\n`,
      ).ok;
    expect(accepted.filter(type => !check(type))).toEqual([]);
    expect(refused.filter(check)).toEqual([]);
  });
});

describe.skipIf(skip)('protocol links', () => {
  const transports = [
    'tcp',
    'udp',
    'udplite',
    'dccp',
    'sctp',
    'esp',
    'ah',
    'comp',
    'icmp',
    'icmpv6',
    'igmp',
    'gre',
  ];

  it.each(transports)('l4proto of %s', name => {
    const field = [...protocols.get(name)!.fields.values()].find(each => each.message === undefined)!;
    const [rule] = compile('inet', [`${name} ${field.name} ${literalOf(field.type)}`]);
    const number = protocolLink(protocols.get('inet-service')!, name)!;
    const load = rule!.indexOf('[ meta load l4proto => reg 1 ]');
    expect(rule![load + 1]).toBe(`[ cmp eq reg 1 0x${number.toString(16).padStart(2, '0')} ]`);
  });

  it.each(['ip', 'ip6', 'arp', 'vlan'])('link layer type of %s', name => {
    const field = [...protocols.get(name)!.fields.values()].at(-1)!;
    const [rule] = compile('netdev', [`${name} ${field.name} ${literalOf(field.type)}`]);
    const number = protocolLink(protocols.get('ether')!, name)!;
    expect(rule!.join('\n')).toContain(`[ cmp eq reg 1 0x${number.toString(16).padStart(4, '0')} ]`);
  });
});

const optionWords = { ipv6: '', tcpopt: 'tcp option ', ipv4: 'ip option ', sctp: 'sctp chunk ' } as const;
/** nft's printer has no names for the newer two. */
const printedSpaces = { ipv6: 'ipv6 ', tcpopt: 'tcpopt ', ipv4: 'ipv4 ', sctp: '', dccp: '' } as const;
const optionAliases = new Map([...tcpOptionAliases].map(([from, to]) => [to, from]));

function fieldsOf(option: OptionHeader): readonly HeaderField[] {
  const listed = [...option.fields.values()];
  const array = [1, 2].flatMap(index => arrayField(option, index) ?? []);
  return [...listed, ...array];
}

/** `tcp option X kind` is no expression, `X type` of an IPv4 option a test of its presence. */
const isWritten = (option: OptionHeader, field: HeaderField): boolean =>
  field.name !== 'kind' &&
  !(option.space === 'ipv4' && field.name === 'type') &&
  !(/^sack\d/.test(option.name) && field.name === 'length');

const options = Object.values(optionHeaders).flatMap(space => [...space.values()]);

describe.skipIf(skip).each(options.map(option => [`${option.space} ${option.name}`, option] as const))(
  'option %s',
  (_name, option) => {
    const word = `${optionWords[option.space as keyof typeof optionWords]}${option.name}`;
    const fields = fieldsOf(option).filter(field => isWritten(option, field));
    const family = option.space === 'ipv6' ? 'ip6' : 'ip';

    it('loads', () => {
      if (fields.length === 0) return;
      const rules = fields
        .filter(field => option.name !== 'eol' && option.name !== 'nop' && field !== undefined)
        .map(field => `${word} ${field.name} ${literalOf(field.type)}`);
      const compiled = compile(family, rules);
      expect(compiled.length).toBe(fields.length);
      for (const [index, field] of fields.entries()) {
        const { first, length } = bytesOf(field);
        expect(compiled[index], rules[index]!).toContain(
          `[ exthdr load ${printedSpaces[option.space]}${length}b @ ${option.type} + ${first} => reg 1 ]`,
        );
        const masked = compiled[index]!.some(line => line.includes(`( reg 1 & ${maskOf(field)} )`));
        if (!isWhole(field)) expect(masked, rules[index]!).toBe(true);
      }
    });

    it('is tested for presence', () => {
      if (option.space === 'ipv6' && ['rt0', 'rt2', 'srh'].includes(option.name)) return;
      const spelled = option.space === 'ipv6' ? `exthdr ${word}` : word;
      const spellings = [spelled];
      const alias = optionAliases.get(option.name);
      if (option.space === 'tcpopt' && alias !== undefined) spellings.push(`tcp option ${alias}`);
      for (const rule of compile(
        family,
        spellings.map(text => `${text} exists`),
      )) {
        expect(rule).toContain(
          `[ exthdr load ${printedSpaces[option.space]}1b @ ${option.type} + 0 present => reg 1 ]`,
        );
      }
    });
  },
);

/** Of keys that this kernel lacks or cannot load, nft still prints what it asked for. */
const printed = (family: string, rule: string): string =>
  checkWithNft(`table ${family} t { chain c { ${rule}; }; }\n`).stdout;

describe.skipIf(skip)('meta keys', () => {
  it.each([...metaKeys.values()].map(key => [key.name, key] as const))('%s', (name, key) => {
    const family = key.family ?? 'inet';
    const load = `[ meta load ${key.irName} => reg 1 ]`;
    // A security mark is opaque: only a register may be compared with it or stored in it.
    const rest = name === 'secmark' ? 'set ct secmark' : literalOf(key.type);
    const shown = name === 'secmark' ? `[ meta set ${key.irName} with reg 1 ]` : load;
    expect(printed(family, `meta ${name} ${rest}`)).toContain(shown);
    expect(printed(family, `${name} ${rest}`).includes(shown)).toBe(key.bare);
    const head = /datatype (\S+) .*?(\d+) (?:bits|characters)/.exec(askNft(`describe meta ${name}\n`).stdout);
    const bits = key.type.class === 'string' ? key.bits / 8 : key.bits;
    expect([head?.[1], Number(head?.[2])]).toEqual([key.type.name, bits]);
  });

  it('knows no others', () => {
    const text = askNft('describe meta\n').stderr;
    const words = /expected any of: (.*)/.exec(text)![1]!.split(', ');
    expect(words.filter(word => !metaKeys.has(word))).toEqual([]);
    expect([...metaKeys.keys()].filter(name => !words.includes(name))).toEqual([]);
  });
});

describe.skipIf(skip)('ct keys', () => {
  it.each([...conntrackKeys.values()].map(key => [key.name, key] as const))('%s', (name, key) => {
    const family = name.startsWith('ip6') ? 'ip6' : 'ip';
    const literal = name === 'saddr' || name === 'daddr' ? '1.2.3.4' : literalOf(key.type);
    if (name === 'secmark') {
      expect(printed(family, 'ct secmark set meta secmark')).toContain('[ ct set secmark with reg 1 ]');
      return;
    }
    const directed = printed(family, `ct original ${name} ${literal}`);
    const undirected = checkWithNft(`table ${family} t { chain c { ct ${name} ${literal}; }; }\n`);
    const load = `[ ct load ${key.irName} => reg 1`;
    expect(directed.includes(`${load} , dir original ]`)).toBe(key.direction !== 'none');
    // What the kernel of this machine cannot load (event) it refuses, but nft prints it.
    const loaded = undirected.stdout.includes(`${load} ]`) && (undirected.ok || name === 'event');
    expect(loaded).toBe(key.direction !== 'required');
  });
});

describe.skipIf(skip)('other keys', () => {
  const rows: readonly (readonly [string, SelectorKey, string])[] = [
    ...[...routeKeys.values()].map(key => [`rt ${key.name}`, key, `rt load ${key.irName}`] as const),
    ...[...socketKeys.values()].map(key => [`socket ${key.name}`, key, `socket load ${key.irName}`] as const),
    ...[...ipsecKeys.values()].map(
      key => [`ipsec in ${key.name}`, key, `xfrm load in 0 ${key.irName}`] as const,
    ),
  ];

  it.each(rows)('%s', (selector, key, load) => {
    const level = key.name === 'cgroupv2' ? ' level 1' : '';
    const answer = checkWithNft(
      `table inet t { chain c { ${selector}${level} ${literalOf(key.type)}; }; }\n`,
    );
    expect(answer.stdout).toContain(`[ ${load}`);
  });
});
