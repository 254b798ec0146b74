// Which programs a packet meets at a hook, and in which order.

import type { Hook } from '../../model/family.ts';
import type { HookPoint } from '../linear/eval/index.ts';
import type { Attach, Program } from '../program.ts';

/** NF_INET_* numbers. */
const inetHook: Readonly<Partial<Record<Hook, number>>> = {
  prerouting: 0,
  input: 1,
  forward: 2,
  output: 3,
  postrouting: 4,
};

function isAt(attach: Attach, { list, hook, device }: HookPoint): boolean {
  switch (attach.target) {
    case 'netfilter':
      return attach.hook === inetHook[hook] && attach.pf === (list === 'ip6' ? 10 : 2);
    case 'tc':
      return attach.device === device && attach.direction === hook;
    case 'xdp':
      return attach.device === device && hook === 'ingress';
    case 'cgroup_skb':
      return attach.direction === (hook === 'input' ? 'ingress' : hook === 'output' ? 'egress' : undefined);
  }
}

/** XDP comes before everything else on a device; netfilter runs in ascending order of priority. */
function order(attach: Attach): number {
  return attach.target === 'netfilter' ? attach.priority : attach.target === 'xdp' ? 0 : 1;
}

export interface Placed {
  readonly program: Program;
  readonly attach: Attach;
}

/** The programs at a hook, in the order a packet meets them. */
export function attachmentsAt(programs: readonly Program[], point: HookPoint): Placed[] {
  return programs
    .flatMap(program =>
      program.attach.filter(attach => isAt(attach, point)).map(attach => ({ program, attach })),
    )
    .sort((a, b) => order(a.attach) - order(b.attach));
}
