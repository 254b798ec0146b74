// Which programs a ruleset becomes: base chains by the place they hook in, in nf_tables' order, and the target of each.

import { kernelAtLeast } from '../../bpf-asm/isa.ts';
import type { Hook } from '../../model/family.ts';
import { hookNumbers } from '../../model/hooks.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import type { Span } from '../../source/span.ts';
import { refusal } from '../flow/refusal.ts';
import { chainsAt, type HookedChain } from '../linear/eval/hook-order.ts';
import type { IrChain, IrRuleset, IrTable } from '../linear/ir.ts';
import type { Attach, Target } from '../program.ts';
import type { TargetCode } from './code.ts';
import { netfilterTarget } from './netfilter.ts';
import type { KernelVersion, Place } from './target.ts';
import { tcIngress } from './tc.ts';
import { tcEgress } from './tc-egress.ts';
import { xdpTarget } from './xdp.ts';

/** One program to be. All its chains run one after the other. */
export interface Plan {
  readonly name: string;
  readonly section: string;
  readonly target: TargetCode;
  readonly attach: readonly Attach[];
  readonly hook: Hook;
  readonly protocols: readonly (2 | 10)[];
  readonly chains: readonly HookedChain[];
}

export interface PlanOptions {
  readonly target: 'auto' | Target;
  readonly kernel: KernelVersion;
}

export interface Planned {
  readonly plans: readonly Plan[];
  readonly diagnostics: readonly Diagnostic[];
}

const inetHooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Where a rule of a base chain runs, for questions to the target. */
export function placeOf(plan: Plan, table: IrTable, kernel: KernelVersion): Place {
  return { family: table.family, hook: plan.hook, protocols: plan.protocols, kernel };
}

/** Why a base chain cannot be translated whatever is in it; undefined if it may. */
export function refuseChain({ family }: IrTable, { base }: IrChain): string | undefined {
  if (base === undefined) return undefined;
  if (family === 'arp' || family === 'bridge') {
    return `no BPF hook runs where base chains of family ${family} do`;
  }
  if (base.type === 'nat') {
    return 'nat chains set up address translation, which no BPF hook can do as nf_tables does';
  }
  if (base.type === 'route') return 'route chains have packets routed again, which no BPF hook can do';
  if (inetHooks.includes(base.hook)) return refusePriority(base.hook, base.priority);
  const pattern = base.devices.find(device => device.endsWith('*'));
  return pattern === undefined
    ? undefined
    : `devices come and go under the pattern \`${pattern}\`, and a program is attached to one by its name`;
}

/** What of the kernel stands at a hook where BPF links may stand too, but not beside it: by hook, then by priority. */
const taken: Readonly<Partial<Record<Hook, Readonly<Record<number, string>>>>> = {
  prerouting: { [-400]: 'packet reassembly', [-200]: 'connection tracking' },
  input: { [2 ** 31 - 2]: 'connection tracking' },
  output: { [-400]: 'packet reassembly', [-200]: 'connection tracking' },
  postrouting: { [2 ** 31 - 2]: 'connection tracking' },
};

/** A BPF link's priority must be free on its hook. */
export function refusePriority(hook: Hook, priority: number): string | undefined {
  const occupant = taken[hook]?.[priority];
  if (occupant !== undefined)
    return `priority ${priority} at ${hook} is that of ${occupant}: a BPF program cannot share it`;
  const isLimit = priority <= -(2 ** 31) || priority >= 2 ** 31 - 1;
  return isLimit ? `the kernel takes no BPF program at priority ${priority}` : undefined;
}

function targetFor(hook: Hook, wanted: 'auto' | Target): TargetCode | undefined {
  const exact = inetHooks.includes(hook)
    ? [netfilterTarget]
    : hook === 'egress'
      ? [tcEgress]
      : [tcIngress, xdpTarget];
  return wanted === 'auto' ? exact[0] : exact.find(target => target.name === wanted);
}

function refuseTarget(hook: Hook, wanted: Target): string {
  const exact = inetHooks.includes(hook) ? 'netfilter' : hook === 'egress' ? 'tc' : 'tc or xdp';
  return `target ${wanted} does not decide packets as nf_tables does at ${hook}: only ${exact} can`;
}

/** What programs of a target need, and the first kernel that has it; what single instructions need, the assembler checks. */
const kernelNeeds: Readonly<
  Partial<Record<Target, readonly { readonly what: string; readonly since: KernelVersion }[]>>
> = {
  netfilter: [{ what: 'netfilter programs need', since: [6, 4] }],
};

function refuseKernel(target: Target, kernel: KernelVersion): string | undefined {
  const lacking = kernelNeeds[target]?.find(({ since }) => !kernelAtLeast(kernel, since));
  if (lacking === undefined) return undefined;
  return `${lacking.what} Linux ${lacking.since.join('.')}, the target machine has ${kernel.join('.')}`;
}

class Planner {
  readonly plans: Plan[] = [];
  readonly diagnostics: Diagnostic[] = [];
  private readonly ruleset: IrRuleset;
  private readonly options: PlanOptions;

  constructor(ruleset: IrRuleset, options: PlanOptions) {
    this.ruleset = ruleset;
    this.options = options;
  }

  run(): void {
    this.checkChains();
    for (const hook of inetHooks) this.planInet(hook);
    for (const hook of ['ingress', 'egress'] as const) this.planDevices(hook);
  }

  private *baseChains(): Generator<{ table: IrTable; chain: IrChain; span: Span }> {
    for (const table of this.ruleset.tables) {
      if (table.dormant) continue;
      for (const chain of table.chains) if (chain.base) yield { table, chain, span: chain.span };
    }
  }

  private checkChains(): void {
    for (const { table, chain, span } of this.baseChains()) {
      const reason = refuseChain(table, chain);
      const target = targetFor(chain.base!.hook, this.options.target);
      if (reason !== undefined) this.diagnostics.push(refusal('unsupported-chain', reason, span));
      else if (target === undefined) {
        const message = refuseTarget(chain.base!.hook, this.options.target as Target);
        this.diagnostics.push(refusal('unsupported-target', message, span));
      } else {
        const message = refuseKernel(target.name, this.options.kernel);
        if (message !== undefined) this.diagnostics.push(refusal('unsupported-kernel', message, span));
      }
    }
  }

  private usable({ table, chain }: HookedChain): boolean {
    return refuseChain(table, chain) === undefined;
  }

  /** One program a priority; chains that both families run alike share it. */
  private planInet(hook: Hook): void {
    const lists = ([2, 10] as const).map(pf => ({
      pf,
      chains: chainsAt(this.ruleset, { list: pf === 2 ? 'ip' : 'ip6', hook }).filter(chain =>
        this.usable(chain),
      ),
    }));
    const priorities = new Set(
      lists.flatMap(({ chains }) => chains.map(({ chain }) => chain.base!.priority)),
    );
    for (const priority of [...priorities].sort((a, b) => a - b)) {
      const at = lists.map(({ pf, chains }) => ({
        pf,
        chains: chains.filter(({ chain }) => chain.base!.priority === priority),
      }));
      this.planPriority(hook, priority, at);
    }
  }

  private planPriority(
    hook: Hook,
    priority: number,
    lists: readonly { readonly pf: 2 | 10; readonly chains: readonly HookedChain[] }[],
  ): void {
    const [ip, ip6] = lists;
    const isSame = sameChains(ip!.chains, ip6!.chains);
    const groups = isSame
      ? [{ pfs: [2, 10] as const, chains: ip!.chains }]
      : lists.map(list => ({ ...list, pfs: [list.pf] as const }));
    for (const { pfs, chains } of groups) {
      if (chains.length === 0) continue;
      const target = targetFor(hook, this.options.target);
      if (target === undefined) continue;
      const number = hookNumbers.inet[hook]!;
      const attach = pfs.map(pf => ({ target: 'netfilter', pf, hook: number, priority }) as const);
      const suffix = pfs.length === 2 ? '' : pfs[0] === 2 ? '_ip' : '_ip6';
      const name = `${hook}${suffix}_${priority < 0 ? 'm' : ''}${Math.abs(priority)}`;
      this.plans.push({ name, section: 'netfilter', target, attach, hook, protocols: [...pfs], chains });
    }
  }

  /** One program for all devices that run the same chains. */
  private planDevices(hook: 'ingress' | 'egress'): void {
    const target = targetFor(hook, this.options.target);
    if (target === undefined) return;
    const groups: { chains: readonly HookedChain[]; devices: string[] }[] = [];
    for (const device of this.devices(hook)) {
      const chains = chainsAt(this.ruleset, { list: 'netdev', hook, device }).filter(chain =>
        this.usable(chain),
      );
      const group = groups.find(known => sameChains(known.chains, chains));
      if (group) group.devices.push(device);
      else if (chains.length > 0) groups.push({ chains, devices: [device] });
    }
    groups.forEach(({ chains, devices }, index) => {
      const attach = devices.map(device => attachTo(target.name as 'tc' | 'xdp', device, hook));
      const name = groups.length === 1 ? hook : `${hook}_${index + 1}`;
      const section = target.name === 'xdp' ? 'xdp' : 'tc';
      this.plans.push({ name, section, target, attach, hook, protocols: [], chains });
    });
  }

  private devices(hook: 'ingress' | 'egress'): Set<string> {
    const devices = new Set<string>();
    for (const { chain, span } of this.baseChains()) {
      if (chain.base!.hook !== hook) continue;
      for (const device of chain.base!.devices) devices.add(device);
      if (chain.base!.devices.length > 0) continue;
      const message = `chain \`${chain.name}\` names no device: nf_tables never runs it, and there is no program for it`;
      this.diagnostics.push({ code: 'no-device', severity: 'warning', message, span });
    }
    return devices;
  }
}

function attachTo(target: 'tc' | 'xdp', device: string, direction: 'ingress' | 'egress'): Attach {
  return target === 'xdp' ? { target, device } : { target, device, direction };
}

function sameChains(a: readonly HookedChain[], b: readonly HookedChain[]): boolean {
  return a.length === b.length && a.every(({ chain }, index) => chain === b[index]!.chain);
}

export function planPrograms(ruleset: IrRuleset, options: PlanOptions): Planned {
  const planner = new Planner(ruleset, options);
  planner.run();
  return { plans: planner.plans, diagnostics: planner.diagnostics };
}
