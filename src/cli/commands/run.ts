// nft2bpf run: packets through the programs, without a kernel.

import { type PacketOptions, packetContext, packetPlace } from '../../batch/packet-options.ts';
import {
  counterReport,
  decisionReport,
  type RulePlaces,
  readHex,
  rulePlaces,
} from '../../batch/run-report.ts';
import type { CounterReading } from '../../lower/linear/eval/index.ts';
import { createSimulation, type Decision } from '../../simulate.ts';
import { translateStages } from '../../translate.ts';
import {
  type Arguments,
  choiceOption,
  listOption,
  pairOption,
  readArguments,
  rulesetOptions,
  singleFile,
  textOption,
  UsageError,
} from '../arguments.ts';
import type { Command } from '../command.ts';
import { readBytes } from '../files.ts';
import { type Capture, readCapture } from '../pcap.ts';
import { readRuleset, report, translateOptions } from '../ruleset.ts';

function readPackets(args: Arguments): Capture {
  const hex = listOption(args, 'packet');
  const capture = textOption(args, 'pcap');
  if (hex.length > 0 === (capture !== undefined))
    throw new UsageError('packets come from --packet or from --pcap');
  if (capture !== undefined) return readCapture(capture, readBytes(capture));
  const packets = hex.map(text => {
    const bytes = readHex(text);
    if (bytes === undefined) throw new UsageError(`--packet wants hex digits, two a byte, not '${text}'`);
    return bytes;
  });
  return { from: choiceOption(args, 'from', ['l2', 'l3'], 'l2'), packets };
}

function decisionText(decision: Decision, index: number, places: RulePlaces): string {
  const head = `packet ${index + 1}: `;
  if (decision.kind === 'not_delivered') return `${head}never gets to this hook: ${decision.reason}\n`;
  if (decision.kind === 'failed') return `${head}no verdict: ${decision.reason}\n`;
  const matched = decision.matched.map(({ rule }) => `  ${places.get(rule) ?? ''}\n`);
  return `${head}${decision.verdict}\n${matched.join('')}`;
}

function decisionJson(decision: Decision, index: number, places: RulePlaces): string {
  return `${JSON.stringify(decisionReport(decision, index, places))}\n`;
}

function counterName({ family, table, rule, object }: CounterReading, places: RulePlaces): string {
  return rule === undefined ? `counter ${family} ${table} ${object}` : (places.get(rule) ?? '');
}

function countersText(counters: readonly CounterReading[], places: RulePlaces): string {
  if (counters.length === 0) return '';
  const rows = counters.map(
    counter => `  packets ${counter.packets} bytes ${counter.bytes}  ${counterName(counter, places)}\n`,
  );
  return `counters:\n${rows.join('')}`;
}

function countersJson(counters: readonly CounterReading[], places: RulePlaces): string {
  return `${JSON.stringify({ counters: counters.map(counter => counterReport(counter, places)) })}\n`;
}

const options = {
  ...rulesetOptions,
  packet: { type: 'string', multiple: true },
  pcap: { type: 'string' },
  hook: { type: 'string' },
  from: { type: 'string' },
  meta: { type: 'string', multiple: true },
  ct: { type: 'string', multiple: true },
  target: { type: 'string' },
  json: { type: 'boolean' },
} as const;

function packetOptions(args: Arguments, from: string): PacketOptions {
  const hook = textOption(args, 'hook');
  return {
    ...{ from, meta: new Map(pairOption(args, 'meta')), ct: new Map(pairOption(args, 'ct')) },
    ...(hook !== undefined && { hook }),
  };
}

export const run: Command = (argv, io) => {
  const args = readArguments(argv, options);
  const { from, packets } = readPackets(args);
  const translating = translateOptions(args);
  const { ir, translation } = translateStages(readRuleset(singleFile(args)), translating);
  report(translation.diagnostics, translation.sources, io);
  if (!translation.ok || ir === undefined) return 1;
  const packetsHave = packetOptions(args, from);
  const place = packetPlace(packetsHave, ir);
  const context = packetContext(packetsHave, ir, place, translating.names?.interfaces ?? {});
  const simulation = createSimulation(ir, translation, translating.kernel);
  if ('failed' in simulation) {
    io.error(`nft2bpf: ${simulation.failed}\n`);
    return 1;
  }
  const places = rulePlaces(ir, translation.sources);
  const isJson = args.values['json'] === true;
  const decisions = packets.map(bytes => simulation.decide(place, bytes, context));
  for (const [index, decision] of decisions.entries())
    io.out((isJson ? decisionJson : decisionText)(decision, index, places));
  io.out((isJson ? countersJson : countersText)(simulation.counters(), places));
  return decisions.some(({ kind }) => kind === 'failed') ? 1 : 0;
};
