// The example that loads objects with bpftool, as a reader would run it.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import {
  add64,
  call,
  exit,
  helperNumber,
  jumpIf,
  label,
  load,
  loadMap,
  mov64,
  R0,
  R1,
  R2,
  R10,
  storeImm,
} from '../../../src/bpf-asm/index.ts';
import { toElf } from '../../../src/lower/output/elf.ts';
import type { Attach, BpfMap, Program } from '../../../src/lower/program.ts';
import { assembled, sampleMap } from '../../support/elf-sample.ts';
import { isMissing } from '../../support/requirements.ts';

const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-example-'));
afterAll(() => rmSync(folder, { recursive: true }));

const blocked: BpfMap = {
  ...sampleMap({ name: 'blocked', type: 'hash', valueSize: 1, maxEntries: 4 }),
  ...{ count: 2, keys: Uint8Array.of(192, 0, 2, 1, 192, 0, 2, 2), values: Uint8Array.of(2, 3) },
  role: { kind: 'set', family: 'netdev', table: 'edge', set: 'blocked', flags: [] },
};

/** Returns what the set holds for 192.0.2.`last`; 0 if it has no such element. */
function asking(name: string, last: number, attach: readonly Attach[]): Program {
  const address = last * 2 ** 24 + 0x0200c0;
  const { code, relocations, origins } = assembled(name, [
    storeImm(4, R10, -4, address),
    loadMap(R1, 'blocked'),
    mov64(R2, R10),
    add64(R2, -4),
    call(helperNumber.map_lookup_elem),
    jumpIf('eq', R0, 0, 'out'),
    load(1, R0, R0, 0),
    label('out'),
    exit(),
  ]);
  return {
    ...{ name, code, relocations, origins, spans: [], attach, covers: [], requires: [] },
    ...{ target: 'tc', section: 'tc' },
  };
}

describe.skipIf(isMissing('root', 'bpftool', 'objdump'))('examples/load-with-bpftool.sh', () => {
  it('loads, fills and attaches several objects that share a set', () => {
    const tc = (device: string, direction: 'ingress' | 'egress'): Attach => ({
      target: 'tc',
      device,
      direction,
    });
    const programs = [
      asking('first', 1, [tc('wan0', 'ingress'), tc('wan1', 'ingress')]),
      asking('second', 2, [tc('wan0', 'egress')]),
    ];
    const { objects } = toElf({ programs, maps: [blocked], sources: [] });
    const files = objects.map(({ name, bytes }) => {
      writeFileSync(join(folder, `${name}.o`), bytes);
      return join(folder, `${name}.o`);
    });
    const script = fileURLToPath(new URL('../../../examples/load-with-bpftool.sh', import.meta.url));
    const { status, stdout, stderr } = spawnSync(script, files, { encoding: 'utf8' });
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stdout.match(/Return value: \d+/g)).toEqual(['Return value: 2', 'Return value: 3']);
    expect(stdout.match(/^key: c0 00 02 01 {2}value: 02$/gm)).toHaveLength(2);
    expect(stdout.match(/^wan\d\(\d+\) clsact\/\w+ \w+/gm)).toMatchObject([
      expect.stringMatching(/^wan0\(\d+\) clsact\/ingress first$/),
      expect.stringMatching(/^wan0\(\d+\) clsact\/egress second$/),
      expect.stringMatching(/^wan1\(\d+\) clsact\/ingress first$/),
    ]);
  });
});
