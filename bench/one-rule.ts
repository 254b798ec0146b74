// One rule against the floor and against C: `ip saddr 10.0.0.1 tcp dport 80 drop` in test runs, for packets that
// leave the program at different places.

import type { Btf } from '../src/bpf-asm/btf/read.ts';
import { assemble, exit, mov64, R0 } from '../src/bpf-asm/index.ts';
import { type LoadableProgram, loadTranslation, type System, testRun } from '../src/loader/index.ts';
import { frame, tcpPacket, udpPacket } from '../test/support/frames.ts';
import { compileC, instructionCount } from './compile-c.ts';
import { type Contestant, difference, interleave, median, table } from './measure.ts';
import { translateOrThrow } from './translate-or-throw.ts';

const rule = 'ip saddr 10.0.0.1 tcp dport 80 drop';

interface Subject {
  readonly target: 'xdp' | 'netfilter';
  readonly ruleset: string;
  readonly source: string;
  readonly pass: number;
  readonly context?: Uint8Array;
}

/** `struct nf_hook_state`: hook 0 (prerouting), IPv4; the devices are filled in by the kernel. */
const prerouting = new Uint8Array(48);
prerouting.set([0, 2]);

const subjects: readonly Subject[] = [
  {
    target: 'xdp',
    ruleset: `table netdev t { chain c { type filter hook ingress device "lo" priority 0; ${rule}; }; }`,
    source: 'one_rule_xdp',
    pass: 2,
  },
  {
    target: 'netfilter',
    ruleset: `table ip t { chain c { type filter hook prerouting priority 0; ${rule}; }; }`,
    source: 'one_rule_netfilter',
    pass: 1,
    context: prerouting,
  },
];

const ends = (source: string): { source: string; destination: string } => ({
  source,
  destination: '10.0.0.2',
});
const ports = (destinationPort: number): { sourcePort: number; destinationPort: number; flags: number } => ({
  sourcePort: 4000,
  destinationPort,
  flags: 16,
});

const packets: Readonly<Record<string, Uint8Array>> = {
  'other source': frame(tcpPacket(ends('10.0.0.9'), ports(80))),
  'other protocol': frame(udpPacket(ends('10.0.0.1'), ports(80))),
  'other port': frame(tcpPacket(ends('10.0.0.1'), ports(81))),
  match: frame(tcpPacket(ends('10.0.0.1'), ports(80))),
};

function floorProgram({ target, pass }: Subject): LoadableProgram {
  const assembled = assemble({ name: 'floor', items: [mov64(R0, pass), exit()] });
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.errors));
  return { name: 'floor', target, code: assembled.program.code, relocations: [] };
}

function benchSubject(system: System, btf: Btf, subject: Subject, rounds: number, repeat: number): string {
  const ours = translateOrThrow(subject.ruleset, subject.target);
  const c = compileC(subject.source, subject.target);
  const programs = { floor: floorProgram(subject), ours: ours.programs[0]!, 'clang -O2': c };
  const loaded = loadTranslation(system, Object.values(programs), ours.maps, btf);
  if (!loaded.ok) throw new Error(loaded.error.message);
  try {
    const names = Object.keys(programs);
    const contestants = names.flatMap((name, i) =>
      Object.entries(packets).map(([packet, data]): Contestant => {
        const run = { data, repeat, ...(subject.context && { context: subject.context }) };
        return { name: `${name} ${packet}`, run: () => timed(system, loaded.value.programs[i]!.fd, run) };
      }),
    );
    const samples = interleave(contestants, rounds);
    const rows = names.map(name => [
      `${subject.target}, ${name}`,
      String(instructionCount(programs[name as keyof typeof programs])),
      ...Object.keys(packets).map(packet => {
        const value = median(samples.get(`${name} ${packet}`)!).toFixed(1);
        return `${value} (${difference(samples, `${name} ${packet}`, `floor ${packet}`).toFixed(1)})`;
      }),
    ]);
    return table([['ns a run (over the floor)', 'insns', ...Object.keys(packets)], ...rows]);
  } finally {
    loaded.value.close();
  }
}

function timed(system: System, fd: number, run: Parameters<typeof testRun>[2]): number {
  const done = testRun(system, fd, run);
  if (!done.ok) throw new Error(done.error.message);
  return done.value.nanoseconds;
}

export function benchOneRule(system: System, btf: Btf, rounds: number, repeat: number): string {
  return subjects.map(subject => benchSubject(system, btf, subject, rounds, repeat)).join('\n\n');
}
