// All judges: nf_tables first, who has the last word; then the evaluator, the interpreter and the kernel's BPF, with the
// optimiser off and on, for the exact targets and for XDP.

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

/** Those that need neither privileges nor a kernel. */
function modelJudges({ toIr, translate }: Ways): Judge[] {
  return [
    evaluatorJudge(version, toIr),
    vmJudge('vm, not optimised', translate('auto', false)),
    vmJudge('vm', translate('auto', true)),
    vmJudge('vm, xdp', translate('xdp', true)),
  ];
}

async function judgesOf(ways: Ways, pool: LabPool, livePool: LabPool): Promise<KernelJudges> {
  const system = await kernel();
  const btf = kernelBtf();
  const optimised = ways.translate('auto', true);
  const xdp = ways.translate('xdp', true);
  const all = [
    nfTablesJudge(pool),
    ...modelJudges(ways),
    bpfLiveJudge('live, not optimised', system, livePool, btf, ways.translate('auto', false)),
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

/** Judges of the whole way, from the ruleset's text. */
export function openKernelJudges(): Promise<KernelJudges> {
  return judgesOf({ toIr: irOf, translate: translator }, new LabPool(), new LabPool());
}

/** Loading takes longer than judging, so what the last scenario gave is kept. */
function rememberLast(toIr: (scenario: Scenario) => ReturnType<ToIr>): ToIr {
  let last: { readonly scenario: Scenario; readonly ir: ReturnType<ToIr> } | undefined;
  return scenario => {
    if (last?.scenario !== scenario) last = { scenario, ir: toIr(scenario) };
    return last.ir;
  };
}

/** Judges of the back half alone: the register IR is what the reference nft loads into the kernel. */
export function openBackHalfJudges(): Promise<KernelJudges> {
  const pool = new LabPool();
  const toIr = rememberLast(loadedIr(pool));
  const translate = (target: 'auto' | Target, optimize: boolean): Translator =>
    backHalf(toIr, target, optimize);
  return judgesOf({ toIr, translate }, pool, new LabPool());
}
