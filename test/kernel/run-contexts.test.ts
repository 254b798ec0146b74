// What a program sees of a packet in the interpreter against what it sees in the kernel: programs that read every member the
// model has, one after the other, into a map.

import { beforeAll, describe, expect, it } from 'vitest';
import * as asm from '../../src/bpf-asm/index.ts';
import { loadTranslation, lookupEntry, type System, testRun } from '../../src/loader/index.ts';
import type { Packet } from '../../src/lower/linear/eval/index.ts';
import type { Attach, BpfMap, Program } from '../../src/lower/program.ts';
import { createRunner } from '../../src/lower/run/index.ts';
import { frame, udpPacket } from '../support/frames.ts';
import { assembled } from '../support/hand-made.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { isMissing } from '../support/requirements.ts';

const { R0, R1, R2, R3, R4, R6, R7, R8, R9, R10 } = asm;

/** Leaves what it reads in R0; R6 is the context, R7 the sk_buff, R8 the hook's state. */
type Probe = readonly asm.AssemblyItem[];

const loopback = { index: 1, name: 'lo', group: 0, type: 772 };

const udp4 = udpPacket(
  { source: '10.9.0.1', destination: '10.9.0.2' },
  { sourcePort: 1000, destinationPort: 53 },
);
const udp6 = udpPacket(
  { source: 'fd99::1', destination: 'fd99::2' },
  { sourcePort: 1000, destinationPort: 53 },
);

function outMap(probes: number): BpfMap {
  const nothing = new Uint8Array(0);
  const size = { keySize: 4, valueSize: 8 * probes, maxEntries: 1 };
  const contents = { flags: 0, count: 0, keys: nothing, values: nothing };
  return { name: 'out', type: 'array', ...size, ...contents, role: { kind: 'private', use: 'test' } };
}

/** Runs the probes and keeps what each leaves in R0. */
function reader(attach: Attach, setup: Probe, probes: readonly Probe[], verdict: number): Program {
  const body = probes.flatMap((probe, index) => [
    ...probe,
    asm.loadMapValue(R9, 'out', 8 * index),
    asm.store(8, R9, 0, R0),
  ]);
  return assembled([attach], [asm.mov64(R6, R1), ...setup, ...body, asm.mov64(R0, verdict), asm.exit()]);
}

function numbers(value: Uint8Array): bigint[] {
  return [...new BigUint64Array(value.slice().buffer)];
}

describe.skipIf(isMissing('root'))('a program sees what it sees in the kernel', () => {
  let system: System;
  const btf = kernelBtf();
  beforeAll(async () => {
    system = await kernel();
  });

  function inKernel(
    program: Program,
    map: BpfMap,
    data: Uint8Array,
    context?: Uint8Array,
  ): [number, bigint[]] {
    const loaded = loadTranslation(system, [program], [map], btf);
    if (!loaded.ok) throw new Error(`${loaded.error.message} ${loaded.error.log ?? ''}`);
    try {
      const run = testRun(system, loaded.value.programs[0]!.fd, { data, ...(context && { context }) });
      if (!run.ok) throw new Error(run.error.message);
      const value = lookupEntry(system, loaded.value.maps.get('out')!, new Uint8Array(4));
      if (!value.ok) throw new Error(value.error.message);
      return [run.value.returned, numbers(value.value[0]!)];
    } finally {
      loaded.value.close();
    }
  }

  function inVm(program: Program, map: BpfMap, packet: Packet, withBtf: boolean): [string, bigint[]] {
    const created = createRunner([program], [map], withBtf ? { vmlinux: btf } : {});
    if (!created.ok) throw new Error(created.message);
    const run = created.runner.run(program, packet, program.attach[0]!);
    if (run.kind === 'fault') throw new Error(run.fault.message);
    return [run.verdict, numbers(created.runner.maps.get('out')!.entries()[0]!.value)];
  }

  /** Both structure layouts, the model's and the kernel's own, must show the same. */
  function compare(
    program: Program,
    probes: readonly Probe[],
    packet: Packet,
    data: Uint8Array,
    context?: Uint8Array,
  ): void {
    const map = outMap(probes.length);
    const [, expected] = inKernel(program, map, data, context);
    expect(inVm(program, map, packet, false)).toEqual(['accept', expected]);
    expect(inVm(program, map, packet, true)).toEqual(['accept', expected]);
  }

  const base = { mark: 0, priority: 0, packetType: 3, macOffset: 0, networkOffset: 14, device: loopback };

  it.each([
    ['IPv4', frame(udp4), 0x0800, 3],
    ['IPv6', frame(udp6), 0x86dd, 3],
    ['multicast', frame(udp4, '01:00:5e:00:00:01'), 0x0800, 2],
    ['to the device', frame(udp4, '00:00:00:00:00:00'), 0x0800, 0],
  ])('tc: %s', (_, bytes, protocol, packetType) => {
    const word = (offset: number): Probe => [asm.load(4, R0, R6, offset)];
    const byte = (offset: number): Probe => [
      asm.mov64(R1, R6),
      asm.mov64(R2, offset),
      asm.mov64(R3, R10),
      asm.add64(R3, -8),
      asm.storeImm(8, R10, -8, 0),
      asm.mov64(R4, 2),
      asm.call(asm.helperNumber.skb_load_bytes),
      asm.load(8, R1, R10, -8),
      asm.add64(R0, R1),
    ];
    const viaKernel = (...path: readonly asm.AssemblyItem[]): Probe => [
      asm.mov64(R1, R6),
      asm.callKfunc('bpf_cast_to_kern_ctx'),
      ...path,
    ];
    const span: Probe = [asm.load(4, R0, R6, 80), asm.load(4, R1, R6, 76), asm.sub64(R0, R1)];
    // tc reads len, pkt_type, mark, protocol, the VLAN tag, priority, devices, and the packet's first and last bytes.
    const probes = [
      ...[0, 4, 8, 16, 20, 24, 28, 32, 36, 40, 44].map(word),
      span,
      ...[0, 12, bytes.length - 2, bytes.length - 1].map(byte),
      viaKernel(asm.loadField(4, R0, R0, 'sk_buff.len')),
      viaKernel(asm.loadField(2, R0, R0, 'sk_buff.protocol')),
      viaKernel(asm.loadField(8, R0, R0, 'sk_buff._nfct')),
      viaKernel(asm.loadField(8, R1, R0, 'sk_buff.dev'), asm.loadField(8, R0, R1, 'net_device.name')),
      viaKernel(asm.loadField(8, R1, R0, 'sk_buff.dev'), asm.loadField(2, R0, R1, 'net_device.type')),
      viaKernel(
        asm.loadField(2, R1, R0, 'sk_buff.network_header'),
        asm.loadField(2, R2, R0, 'sk_buff.mac_header'),
        asm.mov64(R0, R1),
        asm.sub64(R0, R2),
      ),
    ];
    const program = reader({ target: 'tc', device: 'lo', direction: 'ingress' }, [], probes, 0);
    const context = new Uint8Array(192);
    const view = new DataView(context.buffer);
    view.setUint32(8, 0x11223344, true);
    view.setUint32(32, 77, true);
    const packet = { ...base, bytes, protocol, packetType, dataOffset: 14, mark: 0x11223344, priority: 77 };
    compare(program, probes, packet, bytes, context);
  });

  it.each([
    ['IPv4', frame(udp4)],
    ['IPv6', frame(udp6)],
  ])('XDP: %s', (_, bytes) => {
    const kernelContext = [asm.mov64(R1, R6), asm.callKfunc('bpf_cast_to_kern_ctx')];
    const device = [
      ...kernelContext,
      asm.loadField(8, R1, R0, 'xdp_buff.rxq'),
      asm.loadField(8, R1, R1, 'xdp_rxq_info.dev'),
    ];
    const probes: Probe[] = [
      [asm.load(4, R0, R6, 4), asm.load(4, R1, R6, 0), asm.sub64(R0, R1)],
      [asm.load(4, R0, R6, 12)],
      [asm.load(4, R0, R6, 16)],
      [...device, asm.loadField(8, R0, R1, 'net_device.name')],
      [...device, asm.loadField(4, R0, R1, 'net_device.ifindex')],
      [
        asm.mov64(R1, R6),
        asm.mov64(R2, bytes.length - 4),
        asm.mov64(R3, R10),
        asm.add64(R3, -8),
        asm.mov64(R4, 8),
        asm.call(asm.helperNumber.xdp_load_bytes),
      ],
    ];
    const program = reader({ target: 'xdp', device: 'lo' }, [], probes, 2);
    compare(program, probes, { ...base, bytes, protocol: 0x0800, dataOffset: 14 }, bytes);
  });

  const skb = (size: 1 | 2 | 4 | 8, member: string): Probe => [
    asm.loadField(size, R0, R7, `sk_buff.${member}`),
  ];
  const deviceOf = (state: string, size: 2 | 4 | 8, member: string): Probe => [
    asm.loadField(8, R1, R8, `nf_hook_state.${state}`),
    asm.mov64(R0, -1),
    asm.jumpIf('eq', R1, 0, `none ${state} ${member}`),
    asm.loadField(size, R0, R1, `net_device.${member}`),
    asm.label(`none ${state} ${member}`),
  ];
  /** Byte `offset` from the network header, by following skb->head. */
  const cast = (offset: number): Probe => [
    asm.loadField(8, R1, R7, 'sk_buff.head'),
    asm.loadField(2, R2, R7, 'sk_buff.network_header'),
    asm.add64(R1, R2),
    asm.movType(R2, 'iphdr'),
    asm.callKfunc('bpf_rdonly_cast'),
    asm.load(1, R1, R0, offset),
    asm.mov64(R0, R1),
  ];
  /** Four bytes through a dynptr slice; -1 if there is none. */
  const slice = (offset: number, name: string): Probe => [
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
    asm.mov64(R4, 4),
    asm.callKfunc('bpf_dynptr_slice'),
    asm.mov64(R1, R0),
    asm.mov64(R0, -1),
    asm.jumpIf('eq', R1, 0, name),
    asm.load(4, R0, R1, 0),
    asm.label(name),
  ];
  const packetType: Probe = [
    asm.movField(R1, 'sk_buff.__pkt_type_offset'),
    asm.loadField(1, R0, R7, 'sk_buff.__pkt_type_offset'),
    asm.and64(R0, 7),
  ];

  it.each([0, 1, 2, 3, 4].flatMap(hook => [2, 10].map(pf => [hook, pf] as const)))(
    'netfilter: hook %i, pf %i',
    (hook, pf) => {
      const ip = pf === 2 ? udp4 : udp6;
      const isLocalOut = hook === 3;
      const bytes = isLocalOut ? ip : frame(ip);
      const networkOffset = isLocalOut ? 0 : 14;
      const probes: Probe[] = [
        [asm.loadField(1, R0, R8, 'nf_hook_state.hook')],
        [asm.loadField(1, R0, R8, 'nf_hook_state.pf')],
        skb(4, 'len'),
        skb(4, 'data_len'),
        skb(4, 'mark'),
        skb(4, 'priority'),
        skb(2, 'protocol'),
        skb(4, 'skb_iif'),
        skb(8, '_nfct'),
        skb(8, 'sk'),
        packetType,
        [
          asm.loadField(2, R0, R7, 'sk_buff.network_header'),
          asm.loadField(2, R1, R7, 'sk_buff.mac_header'),
          asm.jumpIf('eq', R1, 0xffff, 'no link header'),
          asm.sub64(R0, R1),
          asm.jump('known'),
          asm.label('no link header'),
          asm.mov64(R0, -1),
          asm.label('known'),
        ],
        ...['in', 'out'].flatMap(side => [
          deviceOf(side, 4, 'ifindex'),
          deviceOf(side, 8, 'name'),
          deviceOf(side, 2, 'type'),
          deviceOf(side, 4, 'group'),
        ]),
        // At LOCAL_OUT test runs leave the network header unset.
        ...(isLocalOut ? [] : [0, 9, 16, 19].map(cast)),
        ...[0, 12, ip.length - 4, ip.length - 3].map(offset => slice(offset, `slice ${offset}`)),
      ];
      const setup = [
        asm.loadField(8, R7, R6, 'bpf_nf_ctx.skb'),
        asm.loadField(8, R8, R6, 'bpf_nf_ctx.state'),
      ];
      const attach: Attach = { target: 'netfilter', hook, pf: pf as 2 | 10, priority: 0 };
      const context = new Uint8Array(48);
      context.set([hook, pf]);
      const { macOffset, ...rest } = base;
      const packet: Packet = {
        ...rest,
        ...(isLocalOut ? {} : { macOffset }),
        packetType: isLocalOut ? 0 : 3,
        bytes,
        networkOffset,
        dataOffset: networkOffset,
        protocol: pf === 2 ? 0x0800 : 0x86dd,
        conntrack: 'none',
        // Test runs give every hook an output device and none an input device.
        output: loopback,
      };
      compare(reader(attach, setup, probes, 1), probes, packet, bytes, context);
    },
  );
});
