// The loaders in examples/, each on the same ruleset: sets come filled, packets are dropped and accepted, counters are read.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toElf } from '../../src/lower/output/elf.ts';
import { toJson } from '../../src/lower/output/manifest.ts';
import { translate } from '../../src/translate.ts';
import { examplePath, exampleText } from '../support/examples.ts';
import { shellOutput } from '../support/private-bpffs.ts';
import { isMissing } from '../support/requirements.ts';
import { onVeth, traffic } from './veth.ts';

const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-loaders-'));
afterAll(() => rmSync(folder, { recursive: true }));

const targets = ['xdp', 'tc'] as const;
const blocked = ['192.0.2.7', '192.0.2.17', '198.51.100.3', '192.0.2.8'];
const passed = ['192.0.2.9', '198.51.101.3'];
const sources = [blocked[0], passed[0], ...blocked.slice(1, 3), passed[1], blocked[3]];

/** A loader says when it has attached, then waits for a line. */
const script = (loader: string): string => `
  ${onVeth}
  rm -f to from; mkfifo to from
  ${loader} < to > from &
  exec 3> to 4< from
  read attached <&4
  echo "$attached"
  ${traffic(sources)}
  echo >&3
  cat <&4
  wait $!
`;

/** The traffic and one datagram behind it; 32 bytes each from the IP header on. */
const expected = [
  ...['attached ingress', ...passed],
  `seen: packets ${1000 + sources.length + 1} bytes ${100_000 + 32 * (sources.length + 1)}`,
  ...['rule 1: packets 2 bytes 64', 'rule 2: packets 2 bytes 64', ''],
].join('\n');

beforeAll(() => {
  for (const target of targets) {
    const translation = translate({ name: 'blocked.nft', text: exampleText('blocked.nft') }, { target });
    writeFileSync(join(folder, `${target}.json`), toJson(translation));
    writeFileSync(join(folder, `${target}.o`), toElf(translation).objects[0]!.bytes);
  }
});

describe.skipIf(isMissing('root', 'python'))('examples/load_manifest.py', () => {
  it.each(targets)('loads, fills and attaches by bpf(2): %s', target => {
    const loader = `python3 ${examplePath('load_manifest.py')} ${target}.json`;
    expect(shellOutput(script(loader), folder)).toBe(expected);
  });
});

describe.skipIf(isMissing('root', 'python', 'libbpf'))('examples/load-with-libbpf.c', () => {
  beforeAll(() => {
    const warnings = ['-std=gnu11', '-Wall', '-Wextra', '-Werror'];
    const libraries = ['-lbpf', '-lelf', '-ljson-c'];
    execFileSync('cc', [
      ...warnings,
      '-O2',
      '-o',
      join(folder, 'with-libbpf'),
      examplePath('load-with-libbpf.c'),
      ...libraries,
    ]);
  });
  it.each(targets)('loads, fills and attaches an object: %s', target => {
    expect(shellOutput(script(`./with-libbpf ${target}.o`), folder)).toBe(expected);
  });
});

describe.skipIf(isMissing('root', 'python', 'cilium-ebpf'))('examples/load-with-cilium', () => {
  beforeAll(() => {
    execFileSync('go', ['build', '-buildvcs=false', '-o', join(folder, 'with-cilium'), '.'], {
      cwd: examplePath('load-with-cilium'),
      env: { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' },
    });
  }, 180_000);
  it.each(targets)('loads, fills and attaches an object: %s', target => {
    expect(shellOutput(script(`./with-cilium ${target}.o`), folder)).toBe(expected);
  });
});
