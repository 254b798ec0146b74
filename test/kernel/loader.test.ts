// The loader against the running kernel, with programs of a few instructions.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readBtf } from '../../src/bpf-asm/btf/read.ts';
import { BtfBuilder } from '../../src/bpf-asm/btf/write.ts';
import {
  type AssemblyItem,
  add64,
  assemble,
  atomicAdd,
  call,
  callKfunc,
  exit,
  helperNumber,
  jumpIf,
  label,
  load,
  loadField,
  loadMap,
  mov64,
  movType,
  R0,
  R1,
  R2,
  R3,
  R6,
  R10,
  storeImm,
} from '../../src/bpf-asm/index.ts';
import type { MapDefinition } from '../../src/bpf-asm/map-spec.ts';
import {
  arrayKey,
  createLink,
  createMap,
  freezeMap,
  injectFrames,
  type LoadableProgram,
  loadBtf,
  loadTranslation,
  lookupEntry,
  type Result,
  type System,
  testRun,
  updateEntry,
} from '../../src/loader/index.ts';
import type { Target } from '../../src/lower/program.ts';
import { kernel } from '../support/kernel.ts';
import { Lab } from '../support/net/lab.ts';
import { Namespace } from '../support/net/namespace.ts';
import { isMissing } from '../support/requirements.ts';

function program(target: Target, items: readonly AssemblyItem[]): LoadableProgram {
  const result = assemble({ name: 'test', items });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return { name: 'test', target, code: result.program.code, relocations: result.program.relocations };
}

function map(more: Partial<MapDefinition>): MapDefinition {
  const empty = new Uint8Array(0);
  return {
    name: 'm',
    type: 'array',
    keySize: 4,
    valueSize: 8,
    maxEntries: 4,
    flags: 0,
    count: 0,
    keys: empty,
    values: empty,
    ...more,
  };
}

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** Counts in entry 1 of map `m`, returns 1. */
const counting: readonly AssemblyItem[] = [
  storeImm(4, R10, -4, 1),
  mov64(R2, R10),
  add64(R2, -4),
  loadMap(R1, 'm'),
  call(helperNumber.map_lookup_elem),
  jumpIf('eq', R0, 0, 'out'),
  mov64(R1, 1),
  atomicAdd(8, R0, 0, R1),
  label('out'),
  mov64(R0, 1),
  exit(),
];

const frame = new Uint8Array(64);

describe.skipIf(isMissing('root'))('loader', () => {
  let system: System;
  beforeAll(async () => {
    system = await kernel();
  });

  it.each(['array', 'percpu_array', 'hash', 'percpu_hash'] as const)(
    'fills, counts in and reads a %s map',
    type => {
      const values = new Uint8Array(16);
      new DataView(values.buffer).setBigUint64(8, 40n, true);
      const keys = new Uint8Array([...arrayKey(0), ...arrayKey(1)]);
      const definition = map({ type, count: 2, keys, values });
      const loaded = unwrap(loadTranslation(system, [program('xdp', counting)], [definition]));
      const run = unwrap(testRun(system, loaded.programs[0]!.fd, { data: frame, repeat: 2 }));
      expect(run.returned).toBe(1);
      const read = unwrap(lookupEntry(system, loaded.maps.get('m')!, arrayKey(1)));
      const numbers = read.map(value => new DataView(value.buffer, value.byteOffset).getBigUint64(0, true));
      const copies = type.startsWith('percpu') ? system.possibleCpus : 1;
      expect(numbers.reduce((sum, value) => sum + value, 0n)).toBe(40n * BigInt(copies) + 2n);
      loaded.close();
    },
  );

  it('gives the log of a program that the verifier refuses', () => {
    const loaded = loadTranslation(system, [program('tc', [load(8, R0, R1, 4096), exit()])], []);
    expect(loaded).toMatchObject({ ok: false, error: { code: 'rejected-program', errno: 13 } });
    expect(loaded.ok ? '' : loaded.error.log).toContain('invalid bpf_context access');
  });

  it('names what a program refers to and nobody has', () => {
    const missing = loadTranslation(system, [program('xdp', counting)], []);
    expect(missing).toMatchObject({
      ok: false,
      error: { code: 'unknown-reference', message: 'map m: no such map' },
    });
    const kfunc = loadTranslation(system, [program('tc', [callKfunc('bpf_no_such_thing'), exit()])], []);
    expect(kfunc).toMatchObject({ ok: false, error: { code: 'unknown-reference' } });
  });

  it('resolves kernel functions, types and fields', () => {
    const btf = readBtf(readFileSync('/sys/kernel/btf/vmlinux'));
    if (!btf.ok) throw new Error(btf.failure.message);
    const items = [
      loadField(8, R6, R1, 'bpf_nf_ctx.skb'),
      mov64(R1, R6),
      movType(R2, 'sk_buff'),
      callKfunc('bpf_rdonly_cast'),
      loadField(4, R3, R0, 'sk_buff.len'),
      mov64(R0, 0),
      jumpIf('ne', R3, 50, 'out'),
      mov64(R0, 1),
      label('out'),
      exit(),
    ];
    const loaded = unwrap(loadTranslation(system, [program('netfilter', items)], [], btf.value));
    const run = (length: number): number =>
      unwrap(testRun(system, loaded.programs[0]!.fd, { data: new Uint8Array(length).fill(0x45, 0, 1) }))
        .returned;
    expect([run(50), run(51)]).toEqual([1, 0]);
    loaded.close();
  });

  it('freezes maps', () => {
    const frozen = unwrap(createMap(system, map({})));
    unwrap(updateEntry(system, frozen, arrayKey(0), new Uint8Array(8)));
    unwrap(freezeMap(system, frozen));
    expect(updateEntry(system, frozen, arrayKey(0), new Uint8Array(8))).toMatchObject({ ok: false });
    expect(unwrap(lookupEntry(system, frozen, arrayKey(9)))).toEqual([]);
    system.close(frozen.fd);
  });

  it('refuses what does not fit', () => {
    expect(createMap(system, map({ name: 'a-name-too-long-for-it' }))).toMatchObject({
      error: { code: 'does-not-fit' },
    });
    expect(createMap(system, map({ count: 1 }))).toMatchObject({ error: { code: 'does-not-fit' } });
    expect(createMap(system, map({ keySize: 5 }))).toMatchObject({ error: { code: 'system', errno: 22 } });
  });

  it('attaches to every hook of a namespace and nowhere else', () => {
    const namespace = new Namespace();
    namespace.configure(['link add v0 type veth peer name v1']);
    const pass = (target: Target, value: number): number =>
      unwrap(loadTranslation(system, [program(target, [mov64(R0, value), exit()])], [])).programs[0]!.fd;
    const places = [
      [pass('xdp', 2), { target: 'xdp', device: 'v0' }],
      [pass('tc', 0), { target: 'tc', device: 'v0', direction: 'ingress' }],
      [pass('tc', 0), { target: 'tc', device: 'v0', direction: 'egress' }],
      [pass('netfilter', 1), { target: 'netfilter', pf: 2, hook: 1, priority: 5 }],
      [pass('netfilter', 1), { target: 'netfilter', pf: 10, hook: 1, priority: -5 }],
    ] as const;
    const links = places.map(([fd, attach]) => namespace.run(() => unwrap(createLink(system, fd, attach))));
    expect(namespace.execute('bpftool', ['-j', 'net', 'list'])).toContain('"xdp":[{"devname":"v0"');
    expect(createLink(system, places[0][0], places[0][1])).toMatchObject({ ok: false });
    const taken = namespace.run(() => createLink(system, places[3][0], places[3][1]));
    expect(taken).toMatchObject({ ok: false, error: { errno: 16 } });
    for (const link of links) system.close(link);
    for (const [fd] of places) system.close(fd);
    namespace.close();
  });

  it('loads type information, and says what is wrong with it', () => {
    const builder = new BtfBuilder();
    builder.add({ kind: 'int', name: 'int', size: 4, encoding: 'signed', bits: 32 });
    const built = builder.build();
    if (!built.ok) throw new Error(built.failure.message);
    system.close(unwrap(loadBtf(system, built.value)));
    expect(loadBtf(system, built.value.subarray(0, 30))).toMatchObject({ ok: false, error: { errno: 22 } });
  });

  it('injects live frames at a device', () => {
    const lab = new Lab({ routing: 'local', endAt: 'ingress' });
    lab.load('table netdev t { chain c { type filter hook ingress device "in0" priority 0; counter; }; }');
    const pass = unwrap(loadTranslation(system, [program('xdp', [mov64(R0, 2), exit()])], []));
    const { deltas } = lab.observe(() =>
      lab.namespace.run(() => {
        const ingressIndex = system.deviceIndex('in0') ?? 0;
        unwrap(injectFrames(system, pass.programs[0]!.fd, { data: frame, repeat: 1000, ingressIndex }));
      }),
    );
    expect(deltas.get('rule netdev t c 0 0')).toEqual({ packets: 1000n, bytes: 50_000n });
    pass.close();
    lab.close();
  });

  it('reports missing privileges as a value', () => {
    const script = fileURLToPath(new URL('./unprivileged.ts', import.meta.url));
    const output = execFileSync(process.execPath, ['--import', 'tsx', script], {
      uid: 65534,
      gid: 65534,
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual(['not-permitted', 'not-permitted']);
  });
});
