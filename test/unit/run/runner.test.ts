import { describe, expect, it } from 'vitest';
import * as asm from '../../../src/bpf-asm/index.ts';
import type { ConntrackEntry, Packet } from '../../../src/lower/linear/eval/index.ts';
import type { Attach, BpfMap, Program } from '../../../src/lower/program.ts';
import { createRunner, type HookRun, type ProgramRun, type Runner } from '../../../src/lower/run/index.ts';
import type { FileId } from '../../../src/source/span.ts';
import { frame, udpPacket } from '../../support/frames.ts';
import { assembled, counterMap, countIn, returning } from '../../support/hand-made.ts';

const { R0, R1, R2, R3, R4, R6, R7, R10 } = asm;

const udp = udpPacket(
  { source: '10.9.0.1', destination: '10.9.0.2' },
  { sourcePort: 1000, destinationPort: 53 },
);
const in0 = { index: 3, name: 'in0', group: 7, type: 1, kind: 'veth' };
const out0 = { index: 4, name: 'out0', group: 0, type: 1 };

const atIngress: Packet = {
  bytes: frame(udp),
  macOffset: 0,
  networkOffset: 14,
  dataOffset: 14,
  protocol: 0x0800,
  packetType: 0,
  mark: 5,
  priority: 6,
  input: in0,
  device: in0,
};

const atInput: Packet = { ...atIngress, conntrack: 'none', socket: 'none' };

function runner(programs: readonly Program[], maps: readonly BpfMap[] = []): Runner {
  const created = createRunner(programs, maps);
  if (!created.ok) throw new Error(created.message);
  return created.runner;
}

const tc: Attach = { target: 'tc', device: 'in0', direction: 'ingress' };
const xdp: Attach = { target: 'xdp', device: 'in0' };
const input = (priority = 0): Attach => ({ target: 'netfilter', pf: 2, hook: 1, priority });
const ingressPoint = { list: 'netdev', hook: 'ingress', device: 'in0' } as const;
const inputPoint = { list: 'ip', hook: 'input' } as const;

function verdict(run: ProgramRun | HookRun): string {
  return run.kind === 'fault' ? `${run.fault.code}: ${run.fault.message}` : run.verdict;
}

/** R0 of a netfilter program whose R7 is the sk_buff: the value is compared with `expected`. */
function reads(items: readonly asm.AssemblyItem[], expected: bigint, packet: Packet): string {
  const program = assembled(
    [input()],
    [
      asm.mov64(R6, R1),
      asm.loadField(8, R7, R1, 'bpf_nf_ctx.skb'),
      ...items,
      asm.loadImm64(R1, expected),
      asm.jumpIf('eq', R0, R1, 'same'),
      ...returning(0),
      asm.label('same'),
      ...returning(1),
    ],
  );
  return verdict(runner([program]).run(program, packet, input()));
}

describe('a runner', () => {
  it('counts in maps that last over packets, on top of what the ruleset starts with', () => {
    const program = assembled([tc], [asm.load(4, R7, R1, 0), ...countIn(1, R7), ...returning(2)]);
    const counters = counterMap('netdev', 2);
    if (counters.role.kind !== 'rule_counters') throw new Error('no counters');
    const slots = counters.role.slots.map(slot => ({ ...slot, packets: 10n, bytes: 100n }));
    const subject = runner([program], [{ ...counters, role: { kind: 'rule_counters', slots } }]);
    for (let i = 0; i < 3; i++) expect(verdict(subject.runHook(ingressPoint, atIngress))).toBe('drop');
    const length = BigInt(atIngress.bytes.length);
    expect(subject.counters()).toEqual([
      { family: 'netdev', table: 't', rule: 0, counter: 0, packets: 10n, bytes: 100n },
      { family: 'netdev', table: 't', rule: 1, counter: 0, packets: 13n, bytes: 100n + 3n * length },
    ]);
  });

  it('runs the programs of a hook by priority until one drops', () => {
    const named = (name: string, attach: Attach, value: number): Program => ({
      ...assembled([attach], returning(value)),
      name,
    });
    const programs = [
      named('late', input(10), 0),
      named('early', input(-5), 1),
      named('middle', input(0), 1),
    ];
    const seen: string[] = [];
    const run = runner(programs).runHook(inputPoint, atInput, { trace: name => seen.push(name) });
    expect(run).toMatchObject({ verdict: 'drop', droppedBy: 'late', instructions: 6 });
    expect([...new Set(seen)]).toEqual(['early', 'middle', 'late']);
    expect(verdict(runner(programs).runHook({ list: 'ip6', hook: 'input' }, atInput))).toBe('accept');
    expect(verdict(runner(programs).runHook({ list: 'ip', hook: 'output' }, atInput))).toBe('accept');
  });

  it('hands on what a tc program changed', () => {
    const first = assembled([tc], [asm.storeImm(4, R1, 8, 99), ...returning(0)]);
    const second = assembled(
      [tc],
      [
        asm.load(4, R2, R1, 8),
        asm.jumpIf('ne', R2, 99, 'no'),
        ...returning(2),
        asm.label('no'),
        ...returning(0),
      ],
    );
    expect(runner([first, second]).runHook(ingressPoint, atIngress)).toMatchObject({
      verdict: 'drop',
      packet: { mark: 99 },
    });
    expect(atIngress.mark).toBe(5);
  });

  it('says which source a fault came from', () => {
    const span = { file: 0 as FileId, from: 3, to: 9 };
    const items = asm.withOrigin(0, [asm.mov64(R2, 0), asm.load(4, R0, R2, 0), asm.exit()]);
    const program: Program = { ...assembled([tc], items), spans: [span] };
    const run = runner([program]).run(program, atIngress, tc);
    expect(run).toMatchObject({ kind: 'fault', fault: { code: 'bad-access', slot: 1 }, span });
  });

  it('takes no return value for a verdict that is none', () => {
    const program = assembled([tc], returning(7));
    expect(runner([program]).run(program, atIngress, tc)).toMatchObject({
      kind: 'fault',
      fault: { code: 'bad-verdict' },
    });
  });

  it('fails where a map does not take its contents', () => {
    const map = {
      ...counterMap('ip', 1),
      count: 2,
      keys: new Uint8Array(8).fill(1),
      values: new Uint8Array(32),
    };
    expect(createRunner([], [map])).toEqual({ ok: false, message: expect.stringContaining('counters') });
  });
});

describe('frames with a tag in metadata', () => {
  const tagged: Packet = { ...atIngress, vlan: { protocol: 0x8100, tci: 0x2064 } };

  it('show it in the context at tc, not in the packet', () => {
    const program = assembled(
      [tc],
      [
        asm.load(4, R2, R1, 20),
        asm.jumpIf('ne', R2, 1, 'no'),
        asm.load(4, R2, R1, 24),
        asm.jumpIf('ne', R2, 0x2064, 'no'),
        asm.load(4, R2, R1, 28),
        asm.jumpIf('ne', R2, 0x0081, 'no'),
        asm.load(4, R2, R1, 0),
        asm.jumpIf('ne', R2, atIngress.bytes.length, 'no'),
        ...returning(0),
        asm.label('no'),
        ...returning(2),
      ],
    );
    expect(verdict(runner([program]).run(program, tagged, tc))).toBe('accept');
  });

  it('still have it in the frame at XDP', () => {
    const program = assembled(
      [xdp],
      [
        asm.load(4, R2, R1, 0),
        asm.load(4, R3, R1, 4),
        asm.mov64(R4, R3),
        asm.sub64(R4, R2),
        asm.jumpIf('ne', R4, atIngress.bytes.length + 4, 'no'),
        asm.load(4, R4, R2, 12),
        asm.jumpIf('ne', R4, 0x64200081, 'no'),
        asm.load(2, R4, R2, 16),
        asm.jumpIf('ne', R4, 0x0008, 'no'),
        ...returning(2),
        asm.label('no'),
        ...returning(1),
      ],
    );
    expect(verdict(runner([program]).run(program, tagged, xdp))).toBe('accept');
  });
});

describe('packets that are not linear', () => {
  const paged: Packet = { ...atIngress, linearEnd: 34 };
  const slice = (offset: number) => [
    asm.mov64(R1, R7),
    asm.mov64(R2, 0),
    asm.mov64(R3, R10),
    asm.add64(R3, -16),
    asm.callKfunc('bpf_dynptr_from_skb'),
    asm.mov64(R1, R10),
    asm.add64(R1, -16),
    asm.mov64(R2, offset),
    asm.mov64(R3, R10),
    asm.add64(R3, -24),
    asm.mov64(R4, 2),
    asm.callKfunc('bpf_dynptr_slice'),
    asm.mov64(R1, R0),
    asm.mov64(R0, -1),
    asm.jumpIf('eq', R1, 0, 'nothing'),
    asm.load(2, R0, R1, 0),
    asm.endian('be16', R0),
    asm.label('nothing'),
  ];

  it('are read through dynptrs as a whole', () => {
    expect(reads(slice(22), 53n, paged)).toBe('accept');
    expect(reads(slice(udp.length - 1), -1n, paged)).toBe('accept');
  });

  it('end early for pointers', () => {
    const direct = [asm.loadField(8, R1, R7, 'sk_buff.data'), asm.load(2, R0, R1, 22)];
    expect(reads(direct, 0n, paged)).toMatch(/^bad-access: .*linear part/);
    expect(reads([asm.loadField(4, R0, R7, 'sk_buff.data_len')], BigInt(udp.length - 20), paged)).toBe(
      'accept',
    );
  });

  it('become linear by bpf_skb_pull_data', () => {
    const length = [asm.load(4, R0, R6, 80), asm.load(4, R1, R6, 76), asm.sub64(R0, R1)];
    const program = assembled(
      [tc],
      [
        asm.mov64(R6, R1),
        ...length,
        asm.jumpIf('ne', R0, 34, 'no'),
        asm.mov64(R1, R6),
        asm.mov64(R2, 42),
        asm.call(asm.helperNumber.skb_pull_data),
        asm.jumpIf('ne', R0, 0, 'no'),
        ...length,
        asm.jumpIf('lt', R0, 42, 'no'),
        ...returning(0),
        asm.label('no'),
        ...returning(2),
      ],
    );
    expect(verdict(runner([program]).run(program, paged, tc))).toBe('accept');
  });
});

describe('what surrounds a packet at netfilter', () => {
  const follow = (size: 1 | 2 | 4 | 8, ...path: string[]): asm.AssemblyItem[] => {
    const last = path.length - 1;
    return path.map((name, i) => asm.loadField(i === last ? size : 8, R0, i === 0 ? R7 : R0, name));
  };

  it('devices: index, group, name, kind; none is a null pointer', () => {
    const device = (side: string) => [
      asm.loadField(8, R0, R6, 'bpf_nf_ctx.state'),
      asm.loadField(8, R0, R0, `nf_hook_state.${side}`),
    ];
    const member = (size: 4 | 8, name: string) => [
      ...device('in'),
      asm.loadField(size, R0, R0, `net_device.${name}`),
    ];
    expect(reads(member(4, 'ifindex'), 3n, atInput)).toBe('accept');
    expect(reads(member(4, 'group'), 7n, atInput)).toBe('accept');
    expect(reads(member(8, 'name'), BigInt(0x306e69), atInput)).toBe('accept');
    const kind = [
      ...member(8, 'rtnl_link_ops'),
      asm.loadField(8, R0, R0, 'rtnl_link_ops.kind'),
      asm.load(4, R0, R0, 0),
    ];
    expect(reads(kind, BigInt(0x68746576), atInput)).toBe('accept');
    expect(reads(device('out'), 0n, atInput)).toBe('accept');
    const physical = { ...atInput, input: out0 };
    expect(reads(member(8, 'rtnl_link_ops'), 0n, physical)).toBe('accept');
  });

  it('the socket: owner of its file', () => {
    const path = ['sk_buff.sk', 'sock.sk_socket', 'socket.file', 'file.f_cred', 'cred.fsuid'];
    expect(reads(follow(4, ...path), 1000n, { ...atInput, socket: { uid: 1000, gid: 50 } })).toBe('accept');
    expect(reads(follow(8, 'sk_buff.sk'), 0n, atInput)).toBe('accept');
  });

  const tuple = (source: number, destination: number) => ({
    source: Uint8Array.of(10, 9, 0, source),
    destination: Uint8Array.of(10, 9, 0, destination),
    sourcePort: 1000,
    destinationPort: 53,
  });
  const entry: ConntrackEntry = {
    state: 'established',
    direction: 'original',
    status: 0xe,
    mark: 0xabcd,
    l3protocol: 2,
    protocol: 17,
    original: tuple(1, 2),
    reply: tuple(2, 1),
    zone: 9,
    expiration: 30_000,
    accounting: { original: { packets: 3n, bytes: 300n }, reply: { packets: 2n, bytes: 200n } },
    label: Uint8Array.from({ length: 16 }, (_, i) => i),
  };
  const connection: asm.AssemblyItem[] = [asm.loadField(8, R0, R7, 'sk_buff._nfct'), asm.and64(R0, -8)];
  const ofConnection = (size: 1 | 2 | 4 | 8, member: string) => [
    ...connection,
    asm.loadField(size, R0, R0, `nf_conn.${member}`),
  ];
  const withEntry = (changes: Partial<ConntrackEntry> = {}): Packet => ({
    ...atInput,
    conntrack: { ...entry, ...changes },
    clock: { realtime: 0n, monotonic: 2_000_000_000n },
  });

  it.each<[string, NonNullable<Packet['conntrack']>, bigint]>([
    ['established, original', entry, 0n],
    ['established, reply', { ...entry, direction: 'reply' }, 3n],
    ['related, original', { ...entry, state: 'related' }, 1n],
    ['related, reply', { ...entry, state: 'related', direction: 'reply' }, 4n],
    ['new', { ...entry, state: 'new' }, 2n],
    ['untracked', 'untracked', 7n],
    ['none', 'none', 0n],
  ])('conntrack info: %s', (_, conntrack, info) => {
    const items = [asm.loadField(8, R0, R7, 'sk_buff._nfct'), asm.and64(R0, 7)];
    expect(reads(items, info, { ...atInput, conntrack })).toBe('accept');
  });

  it('the entry: status, mark, zone, timeout, tuples', () => {
    expect(reads(ofConnection(8, 'status'), 0xen, withEntry())).toBe('accept');
    expect(reads(ofConnection(8, 'status'), 0x80en, withEntry({ template: true }))).toBe('accept');
    expect(reads(ofConnection(4, 'mark'), 0xabcdn, withEntry())).toBe('accept');
    expect(reads(ofConnection(2, 'zone.id'), 9n, withEntry())).toBe('accept');
    // 250 ticks a second: 2 s have passed, 30 s are left.
    expect(reads(ofConnection(4, 'timeout'), 500n + 7500n, withEntry())).toBe('accept');
    expect(reads(ofConnection(4, 'tuplehash[1].tuple.src.u3'), 0x0200090an, withEntry())).toBe('accept');
    expect(reads(ofConnection(2, 'tuplehash[0].tuple.dst.u.all'), 0x3500n, withEntry())).toBe('accept');
    expect(reads(ofConnection(1, 'tuplehash[0].tuple.dst.protonum'), 17n, withEntry())).toBe('accept');
  });

  it('its extensions: accounting and labels, or none', () => {
    const extension = (id: number, offset: number) => [
      ...ofConnection(8, 'ext'),
      asm.mov64(R2, R0),
      asm.loadField(1, R1, R2, `nf_ct_ext.offset[${id}]`),
      asm.mov64(R0, 0),
      asm.jumpIf('eq', R1, 0, 'absent'),
      asm.add64(R2, R1),
      asm.load(8, R0, R2, offset),
      asm.label('absent'),
    ];
    // The model's order: labels 0, accounting 1; a counter has bytes in front of packets.
    expect(reads(extension(1, 8), 3n, withEntry())).toBe('accept');
    expect(reads(extension(1, 16), 200n, withEntry())).toBe('accept');
    expect(reads(extension(0, 8), 0x0f0e0d0c0b0a0908n, withEntry())).toBe('accept');
    const { accounting: _, ...bare } = entry;
    expect(reads(extension(1, 8), 0n, { ...atInput, conntrack: bare })).toBe('accept');
  });

  it('what the model does not have is a fault, not a value', () => {
    expect(reads(follow(4, 'sk_buff.napi_id'), 0n, atInput)).toMatch(/^unresolved-reference/);
    expect(reads([...ofConnection(8, 'master'), asm.load(8, R0, R0, 0)], 0n, withEntry())).toMatch(
      /^bad-access/,
    );
  });
});
