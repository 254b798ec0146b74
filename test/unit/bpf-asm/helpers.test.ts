import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { helperName, helperNumber } from '../../../src/bpf-asm/helpers.ts';
import { isMissing } from '../../support/requirements.ts';

describe('helper numbers', () => {
  it.skipIf(isMissing('bpftool'))('are those of the running kernel', () => {
    const dump = execFileSync('bpftool', ['btf', 'dump', 'file', '/sys/kernel/btf/vmlinux', 'format', 'c'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const values = [...dump.matchAll(/^\tBPF_FUNC_(\w+) = (\d+),$/gm)].map(([, name, value]) => [
      name!,
      Number(value),
    ]);
    const kernel = Object.fromEntries(values.filter(([name]) => name !== 'unspec'));
    delete kernel['__BPF_FUNC_MAX_ID'];
    expect(Object.keys(kernel).length).toBeGreaterThan(200);
    expect(helperNumber).toEqual(kernel);
  });

  it('have names', () => {
    expect(helperName(1)).toBe('map_lookup_elem');
    expect(helperName(0)).toBeUndefined();
  });
});
