// What each operation of a request does, by the library's own functions.

import { readIr } from '../front.ts';
import { explain } from '../lower/explain.ts';
import { printRuleset, printRulesetJson } from '../lower/lift/print.ts';
import { printIr } from '../lower/linear/print.ts';
import { toBase64 } from '../lower/output/base64.ts';
import { toElf } from '../lower/output/elf.ts';
import { toManifest } from '../lower/output/manifest.ts';
import type { TextInput } from '../nft-grammar/options.ts';
import { createSimulation } from '../simulate.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile } from '../source/span.ts';
import { translate, translateStages } from '../translate.ts';
import { checkReport } from './check-report.ts';
import type { Operation, RequestOptions } from './options.ts';
import { packetContext, packetPlace } from './packet-options.ts';
import { counterReport, decisionReport, rulePlaces } from './run-report.ts';
import { WrongOption } from './wrong-option.ts';

export interface Outcome {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly SourceFile[];
  /** Text or plain JSON data; `null` if the ruleset has errors or was refused. */
  readonly output: string | object | null;
}

type Operate = (source: TextInput, options: RequestOptions) => Outcome;

const ir: Operate = (source, options) => {
  const front = readIr(source, options);
  return { ...front, output: front.ok ? printIr(front.ir) : null };
};

/** The manifest, and beside its own members `objects`, if they are asked for. */
const compile: Operate = (source, options) => {
  const translation = translate(source, options);
  const { ok, sources, diagnostics } = translation;
  if (!ok) return { sources, diagnostics, output: null };
  const manifest = toManifest(translation);
  if (options.objects !== true) return { sources, diagnostics, output: manifest };
  const elf = toElf(translation);
  const objects = elf.objects.map(({ name, bytes }) => ({ name, bytes: toBase64(bytes) }));
  return {
    sources,
    diagnostics: [...diagnostics, ...elf.diagnostics],
    output: elf.ok ? { ...manifest, objects } : null,
  };
};

const check: Operate = (source, options) => {
  const front = readIr(source, options);
  return { ...front, output: front.ok ? checkReport(explain(front.ir, options), front.sources) : null };
};

const run: Operate = (source, options) => {
  const { packets } = options;
  if (packets === undefined) throw new WrongOption('packets', 'is missing');
  if (options.leave === 'refused')
    throw new WrongOption('leave', 'is not for run: half of the ruleset decides nothing');
  const { ir: ruleset, translation } = translateStages(source, options);
  const { ok, sources, diagnostics } = translation;
  if (!ok || ruleset === undefined) return { sources, diagnostics, output: null };
  const place = packetPlace(options, ruleset);
  const context = packetContext(options, ruleset, place, options.names?.interfaces ?? {});
  const simulation = createSimulation(ruleset, translation, options.kernel);
  if ('failed' in simulation) {
    const failure = { code: 'no-simulation', severity: 'refusal', message: simulation.failed } as const;
    return { sources, diagnostics: [...diagnostics, failure], output: null };
  }
  const places = rulePlaces(ruleset, sources);
  const decided = packets.map((packet, index) =>
    decisionReport(simulation.decide(place, packet, context), index, places),
  );
  const counters = simulation.counters().map(counter => counterReport(counter, places));
  return { sources, diagnostics, output: { packets: decided, counters } };
};

const print: Operate = (source, options) => {
  const front = readIr(source, options);
  const printed = options.json === true ? printRulesetJson : printRuleset;
  return { ...front, output: front.ok ? printed(front.ir, options) : null };
};

export const operate: Readonly<Record<Operation, Operate>> = { ir, compile, check, run, print };
