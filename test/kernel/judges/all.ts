// All judges: nf_tables first, who has the last word; then the evaluator, the interpreter and the kernel's BPF,
// with the optimiser off and on, for the exact targets and for XDP.

import type { Target } from '../../../src/lower/program.ts';
import { kernel, kernelBtf } from '../../support/kernel.ts';
import { LabPool } from '../../support/lab-pool.ts';
import type { Judge, Scenario } from '../../support/scenario.ts';
import { backHalf } from './back-half.ts';
import { bpfLiveJudge, type Translator } from './bpf-live.ts';
import { bpfTestRunJudge } from './bpf-test-run.ts';
import { evaluatorJudge, type ToIr } from './evaluator.ts';
import { loadedIr } from './loaded-ir.ts';
import { nfTablesJudge } from './nf-tables.ts';
import { irOf, translator } from './translation.ts';
import { vmJudge } from './vm.ts';

const version = { major: 6, minor: 18 };

/** How a scenario's ruleset becomes register IR and programs. */
interface Ways {
  readonly toIr: ToIr;
  readonly translate: (target: 'auto' | Target, optimize: boolean) => Translator;
}

export interface KernelJudges {
  readonly all: readonly Judge[];
  close(): void;
}

/** Several judges are asked about one scenario after the other: what the last one gave is kept. */
function rememberLast<Result>(give: (scenario: Scenario) => Result): (scenario: Scenario) => Result {
  let last: { readonly scenario: Scenario; readonly result: Result } | undefined;
  return scenario => {
    if (last?.scenario !== scenario) last = { scenario, result: give(scenario) };
    return last.result;
  };
}

interface Translators {
  readonly plain: Translator;
  readonly optimised: Translator;
  readonly xdp: Translator;
}

function translatorsOf({ translate }: Ways): Translators {
  return {
    plain: rememberLast(translate('auto', false)),
    optimised: rememberLast(translate('auto', true)),
    xdp: rememberLast(translate('xdp', true)),
  };
}

function modelJudges(toIr: ToIr, { plain, optimised, xdp }: Translators): Judge[] {
  return [
    evaluatorJudge(version, toIr),
    vmJudge('vm, not optimised', plain),
    vmJudge('vm', optimised),
    vmJudge('vm, xdp', xdp),
  ];
}

async function judgesOf(ways: Ways, pool: LabPool, livePool: LabPool): Promise<KernelJudges> {
  const system = await kernel();
  const btf = kernelBtf();
  const translators = translatorsOf(ways);
  const { plain, optimised, xdp } = translators;
  const all = [
    nfTablesJudge(pool),
    ...modelJudges(ways.toIr, translators),
    bpfLiveJudge('live, not optimised', system, livePool, btf, plain),
    bpfLiveJudge('live', system, livePool, btf, optimised),
    bpfLiveJudge('live, xdp', system, livePool, btf, xdp),
    bpfTestRunJudge('test run', system, livePool, btf, optimised),
    bpfTestRunJudge('test run, xdp', system, livePool, btf, xdp),
  ];
  const close = (): void => {
    pool.close();
    livePool.close();
  };
  return { all, close };
}

const wholeWay: Ways = { toIr: irOf, translate: translator };

/** Judges of the whole way, from the ruleset's text. */
export function openKernelJudges(): Promise<KernelJudges> {
  return judgesOf(wholeWay, new LabPool(), new LabPool());
}

/** Those of them that need neither privileges nor a kernel. */
export function wholeWayModelJudges(): Judge[] {
  return modelJudges(wholeWay.toIr, translatorsOf(wholeWay));
}

/** Judges of the back half alone: the register IR is what the reference nft loads into the kernel. */
export function openBackHalfJudges(): Promise<KernelJudges> {
  const pool = new LabPool();
  const toIr = rememberLast(loadedIr(pool));
  const translate = (target: 'auto' | Target, optimize: boolean): Translator =>
    backHalf(toIr, target, optimize);
  return judgesOf({ toIr, translate }, pool, new LabPool());
}
