// Case files: a ruleset, packets, and what nf_tables made of each. Plain text, so that a case can be read and
// written by hand:
//
//     # why this case is here
//     routing: local
//     == ruleset
//     table ip t { chain c { type filter hook input priority 0; tcp dport 22 counter drop; }; }
//     == packets
//     input 020000000001 020000000002 0800 45...
//       input drop
//       rule ip t c 0 0 +1 +40
//
// Head lines are `key: value` with the keys of `headKeys`; each has a default. A packet is where it comes from (see
// `Via`) and its bytes in hexadecimal; lines that begin with `+` go on with them. The indented lines below it are
// the expectation: verdicts at the ruleset's hooks in the order they are met, then counters that moved (FAMILY
// TABLE CHAIN RULE COUNTER +packets +bytes), or `nothing`. A section `== beside` before the packets holds a ruleset
// that stays in nf_tables beside the one in question. test/kernel/record.ts fills them in from nf_tables; a packet
// without one is an error, not a pass.

import { fromHex, toHex } from '../model/bytes.ts';
import type { Routing } from './net/lab.ts';
import { type Scenario, type ScenarioPacket, scenario, type Via } from './scenario.ts';

export interface CaseFile {
  /** The lines that begin with `#`, without it. */
  readonly comment: string;
  readonly scenario: Scenario;
  /** Expected outcome of each packet as `outcomeText` gives it; undefined where none is written. */
  readonly expected: readonly (string | undefined)[];
}

export class CaseFileError extends Error {}

const headKeys = ['input', 'output', 'others', 'routing', 'flows'] as const;
type HeadKey = (typeof headKeys)[number];
const vias: readonly string[] = ['input', 'output', 'egress', 'local'] satisfies Via[];
const nothing = 'nothing';

interface Sections {
  readonly comment: string[];
  readonly head: Map<HeadKey, string>;
  readonly ruleset: string[];
  readonly beside: string[];
  readonly packets: { readonly via: Via; hex: string; readonly expected: string[] }[];
}

function readHead(line: string, sections: Sections, fail: (why: string) => never): void {
  if (line.startsWith('#')) {
    sections.comment.push(line.slice(1).trim());
    return;
  }
  const [, key = '', value = ''] = /^(\w+):\s*(.*)$/.exec(line) ?? fail('expected `key: value`');
  if (!(headKeys as readonly string[]).includes(key)) fail(`unknown key ${key}`);
  sections.head.set(key as HeadKey, value.trim());
}

function readPacketLine(line: string, { packets }: Sections, fail: (why: string) => never): void {
  const last = packets.at(-1);
  if (/^\s/.test(line)) {
    (last ?? fail('an expectation without a packet')).expected.push(line.trim());
    return;
  }
  const [, via = '', hex = ''] = /^(\w+|\+)\s+([\s0-9a-fA-F:]+)$/.exec(line) ?? fail('expected a packet');
  if (via === '+') (last ?? fail('nothing to go on with')).hex += hex;
  else if (vias.includes(via)) packets.push({ via: via as Via, hex, expected: [] });
  else fail(`packets come from ${vias.join(', ')}`);
}

function readSections(text: string, name: string): Sections {
  const sections: Sections = { comment: [], head: new Map(), ruleset: [], beside: [], packets: [] };
  let section = 'head';
  text.split('\n').forEach((line, index) => {
    const fail = (why: string): never => {
      throw new CaseFileError(`${name}:${index + 1}: ${why}`);
    };
    const heading = /^== (\w+)$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    else if (section === 'ruleset' || section === 'beside') sections[section].push(line);
    else if (line.trim() === '') return;
    else if (section === 'head') readHead(line, sections, fail);
    else if (section === 'packets') readPacketLine(line, sections, fail);
    else fail(`unknown section ${section}`);
  });
  return sections;
}

function expectation(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined;
  return lines.filter(line => line !== nothing).join('\n');
}

/** Reads a case; throws `CaseFileError` with the line. */
export function readCase(text: string, name: string): CaseFile {
  const { comment, head, ruleset, beside, packets } = readSections(text, name);
  const given = (key: HeadKey): object => (head.has(key) ? { [key]: head.get(key) } : {});
  if (packets.length === 0) throw new CaseFileError(`${name}: no packets`);
  return {
    comment: comment.join('\n'),
    scenario: scenario({
      name,
      ruleset: ruleset.join('\n').trim(),
      beside: beside.join('\n').trim(),
      packets: packets.map(({ via, hex }): ScenarioPacket => ({ via, bytes: fromHex(hex) })),
      ...given('input'),
      ...given('output'),
      ...(head.has('routing') && { routing: head.get('routing') as Routing }),
      ...(head.has('others') && { others: head.get('others')!.split(/\s+/) }),
      flows: head.get('flows') === 'yes',
    }),
    expected: packets.map(packet => expectation(packet.expected)),
  };
}

function headOf(subject: Scenario): string[] {
  const defaults = scenario({ ruleset: subject.ruleset, packets: [] });
  const lines: string[] = [];
  for (const key of ['input', 'output', 'routing'] as const) {
    if (subject[key] !== defaults[key]) lines.push(`${key}: ${subject[key]}`);
  }
  if (subject.others.length > 0) lines.push(`others: ${subject.others.join(' ')}`);
  if (subject.flows) lines.push('flows: yes');
  return lines;
}

function packetLines({ via, bytes }: ScenarioPacket, expected: string | undefined): string[] {
  const first = `${via} ${toHex(bytes)}`;
  if (expected === undefined) return [first];
  return [first, ...(expected === '' ? [nothing] : expected.split('\n')).map(line => `  ${line}`)];
}

/** The text of a case; reading it gives the same case again. */
export function writeCase({ comment, scenario: subject, expected }: CaseFile): string {
  return [
    ...comment.split('\n').flatMap(line => (line === '' ? [] : [`# ${line}`])),
    ...headOf(subject),
    '== ruleset',
    subject.ruleset,
    ...(subject.beside === '' ? [] : ['== beside', subject.beside]),
    '== packets',
    ...subject.packets.flatMap((packet, index) => packetLines(packet, expected[index])),
    '',
  ].join('\n');
}
