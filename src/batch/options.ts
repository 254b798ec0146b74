// The options of a request: those of `translate` under their names, as JSON, and what single operations want besides.

import type { OutputOptions } from '../ast/print/index.ts';
import type { EvaluateOptions, MachineNames } from '../ast/type/options.ts';
import type { CpuVersion, KernelVersion } from '../bpf-asm/isa.ts';
import { fromBase64 } from '../lower/output/base64.ts';
import type { Target } from '../lower/program.ts';
import type { IncludeReader, ParseLimits, SourceInput } from '../nft-grammar/options.ts';
import { globMatcher } from '../source/glob.ts';
import type { TranslateOptions } from '../translate.ts';
import type { PacketOptions } from './packet-options.ts';
import { readHex } from './run-report.ts';
import type { Reader } from './values.ts';
import * as values from './values.ts';
import { WrongOption } from './wrong-option.ts';

/** `print`: what `nft list` calls its options. */
type PrintOptions = Omit<OutputOptions, keyof EvaluateOptions | 'explicit'>;

/** What a request may say besides the options of `translate`; which operation takes what is in `ownOptions`. */
export interface OwnOptions extends PacketOptions, PrintOptions {
  /** What diagnostics call the ruleset. */
  readonly name?: string;
  /** `compile`: ELF objects, too. */
  readonly objects?: boolean;
  /** `print`: libnftables JSON (as text: it may have numbers above 2^53) instead of nft's text. */
  readonly json?: boolean;
  /** `run`: the packets. */
  readonly packets?: readonly Uint8Array[];
}

export type RequestOptions = TranslateOptions & OwnOptions;

/** Numbers that may need 64 bits are decimal strings or, if a double holds them, numbers. */
const unsigned64: Reader<bigint> = (value, name) => {
  const isExact = typeof value === 'number' ? Number.isSafeInteger(value) && value >= 0 : false;
  const isText = typeof value === 'string' && /^\d{1,20}$/.test(value) && BigInt(value) < 1n << 64n;
  return isExact || isText
    ? BigInt(value as number | string)
    : values.wrong(name, 'a number or a decimal string', value);
};

const names: Reader<MachineNames> = values.members<MachineNames>({
  interfaces: values.record(values.unsigned),
  users: values.record(values.unsigned),
  groups: values.record(values.unsigned),
  hosts: values.record(values.list(values.text)),
  marks: values.record(values.unsigned),
  realms: values.record(values.unsigned),
  deviceGroups: values.record(values.unsigned),
  labels: values.record(values.unsigned),
  cgroups: values.record(unsigned64),
});

const count = values.integer(0, Number.MAX_SAFE_INTEGER);
const limits: Reader<Partial<ParseLimits>> = values.members<ParseLimits>({
  sourceLength: count,
  ruleTokens: count,
  depth: count,
  includeDepth: count,
  files: count,
  errors: count,
  expansions: count,
});

const kernel: Reader<KernelVersion> = (value, name) => {
  const [major, minor, ...more] = values.list(values.integer(0, 999))(value, name);
  if (major === undefined || minor === undefined || more.length > 0)
    throw new WrongOption(name, 'wants two numbers, e.g. [6, 12]');
  return [major, minor];
};

const bytes: Reader<Uint8Array> = (value, name) =>
  fromBase64(values.text(value, name)) ?? values.wrong(name, 'base64', value);

const named = values.members<{ name: string; text: string }>({ name: values.text, text: values.text });
const source: Reader<SourceInput> = (value, name) => {
  if (typeof value === 'string') return value;
  if (values.isObject(value) && 'nftables' in value) return values.exactJson(value, `options.${name}`);
  const input = named(value, name);
  if (input.name === undefined || input.text === undefined)
    throw new WrongOption(name, 'wants a string, libnftables JSON, or an object with name and text');
  return { name: input.name, text: input.text };
};

/** `include` from the texts of files, by the paths that the ruleset calls them. */
function includedFiles(texts: Readonly<Record<string, string>>): IncludeReader {
  return {
    read: path => texts[path],
    list: pattern => {
      const segments = pattern.split('/').map(globMatcher);
      const isListed = (path: string): boolean => {
        const names = path.split('/');
        return names.length === segments.length && names.every((name, index) => segments[index]!(name));
      };
      return Object.keys(texts).filter(isListed).sort();
    },
  };
}

type Readers<T> = { readonly [K in keyof T]-?: Reader<NonNullable<T[K]>> };

/** Every option of `translate` has its line here. */
const translateReaders: Readers<TranslateOptions> = {
  target: values.choice<'auto' | Target>(['auto', 'xdp', 'tc', 'netfilter', 'cgroup_skb']),
  kernel,
  cpu: (value, name) => values.integer(1, 4)(value, name) as CpuVersion,
  vmlinux: bytes,
  log: values.choice<'ring-buffer' | 'refuse'>(['ring-buffer', 'refuse']),
  optimize: values.flag,
  leave: values.choice<'nothing' | 'refused'>(['nothing', 'refused']),
  names,
  timeZoneOffset: values.integer(-1440, 1440),
  before: source,
  format: values.choice<'nft' | 'json'>(['nft', 'json']),
  limits,
  include: (value, name) => includedFiles(values.record(values.text)(value, name)),
  isOverdue: (_, name) => {
    throw new WrongOption(name, 'is a function and cannot be in a request');
  },
};

const hex: Reader<Uint8Array> = (value, name) =>
  readHex(values.text(value, name)) ?? values.wrong(name, 'hex digits, two a byte', value);

/** Text, or a number for it, as options on a command line are. */
const word: Reader<string> = (value, name) =>
  typeof value === 'number' ? String(value) : values.text(value, name);
const words: Reader<ReadonlyMap<string, string>> = (value, name) =>
  new Map(values.entries(word)(value, name));

const printReaders: Readers<PrintOptions> = {
  numeric: values.flag,
  stateless: values.flag,
  service: values.flag,
  guid: values.flag,
  numericPriority: values.flag,
  numericProtocol: values.flag,
  numericTime: values.flag,
  terse: values.flag,
  handle: values.flag,
};

const ownReaders: Readers<OwnOptions> = {
  ...printReaders,
  name: values.text,
  objects: values.flag,
  json: values.flag,
  packets: values.list(hex),
  hook: values.text,
  from: values.text,
  meta: words,
  ct: words,
};

export const operations = ['ir', 'compile', 'check', 'run', 'print'] as const;
export type Operation = (typeof operations)[number];

const ownOptions: Readonly<Record<Operation, readonly (keyof OwnOptions)[]>> = {
  ir: ['name'],
  compile: ['name', 'objects'],
  check: ['name'],
  run: ['name', 'packets', 'hook', 'from', 'meta', 'ct'],
  print: ['name', 'json', ...(Object.keys(printReaders) as (keyof PrintOptions)[])],
};

/** The names of all options that `op` takes. */
export function optionNames(op: Operation): readonly string[] {
  return [...Object.keys(translateReaders), ...ownOptions[op]];
}

/** Throws `WrongOption` where something does not fit. */
export function readOptions(op: Operation, given: Readonly<Record<string, unknown>>): RequestOptions {
  const own = Object.fromEntries(ownOptions[op].map(name => [name, ownReaders[name]]));
  const readers: Readonly<Record<string, Reader<unknown>>> = { ...translateReaders, ...own };
  const read = Object.entries(given).map(([name, value]) => {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) throw new WrongOption(name, `is not an option of ${op}`);
    return [name, reader(value, name)];
  });
  return Object.fromEntries(read);
}
