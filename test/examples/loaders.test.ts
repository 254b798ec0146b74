// The loaders in examples/, each on the same ruleset: sets come filled, packets are dropped and accepted, counters are read.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Rules whose programs have other kinds of maps, subprograms, or none; those with a data section stand apart. */
const plain: Readonly<Record<string, string>> = {
  nothing: 'accept',
  log: 'log prefix "seen " accept',
  random: 'numgen random mod 10 < 3 accept',
  verdicts: 'ip saddr vmap { 10.0.0.0/8 : accept, 192.168.0.0/16 : drop }',
  addresses: `ip saddr { ${Array.from({ length: 600 }, (_, i) => `10.${i >> 8}.${i & 255}.1`).join(', ')} } drop`,
  concatenation: 'ip saddr . tcp dport { 10.0.0.0/8 . 22-25, 192.168.1.1 . 80 } drop',
  options: 'tcp option maxseg size 1000-1400 accept',
  six: 'ip6 saddr { 2001:db8::/32, fe80::/10 } udp dport 53 counter accept',
};
const withData: Readonly<Record<string, string>> = {
  limit: 'limit rate 10/second accept',
  quota: 'quota over 10 mbytes drop',
  numgen: 'numgen inc mod 10 0 accept',
};

const rulesetOf = (hook: string, rule: string): string =>
  `table ${hook.startsWith('ingress') ? 'netdev' : 'inet'} t {
  chain c {
    type filter hook ${hook} priority 0; policy accept;
    ${rule}
  }
}
`;

function writeObjects(rules: Readonly<Record<string, string>>): void {
  for (const [name, rule] of Object.entries(rules)) {
    for (const target of targets) {
      const translation = translate(rulesetOf('ingress device "eth0"', rule), { target });
      writeFileSync(join(folder, `${name}-${target}.o`), toElf(translation).objects[0]!.bytes);
    }
  }
}

/** What a loader says of each object: that it is attached, or its error. */
function loadEach(loader: string, rules: Readonly<Record<string, string>>): string[] {
  writeObjects(rules);
  const names = Object.keys(rules).flatMap(name => targets.map(target => `${name}-${target}`));
  const loads = names.map(
    name => `echo "${name}: $(${loader} ${name}.o < /dev/null 2>&1 | grep -v skipping | head -1)"
      tc qdisc del dev eth0 clsact 2> /dev/null || true`,
  );
  const devices = 'ip link add eth0 type veth peer name peer0; ip link set eth0 up';
  const lines = shellOutput([devices, ...loads].join('\n'), folder)
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(names.length);
  return lines;
}

const attached = /^\w+-\w+: attached ingress$/;

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

describe.skipIf(isMissing('root', 'python', 'vmlinux'))('examples/load_manifest.py on netfilter', () => {
  it('attaches to both families, reads counters', () => {
    const rule = 'ip saddr { 192.0.2.7, 192.0.2.16/28 } counter drop; ip saddr 192.0.2.0/24 counter accept';
    const vmlinux = readFileSync('/sys/kernel/btf/vmlinux');
    const translation = translate(rulesetOf('input', rule), { target: 'netfilter', vmlinux });
    writeFileSync(join(folder, 'netfilter.json'), toJson(translation));
    const loader = `python3 ${examplePath('load_manifest.py')} netfilter.json`;
    expect(shellOutput(script(loader), folder).split('\n')).toEqual([
      `attached ${translation.programs[0]!.name}`,
      ...['192.0.2.9', '198.51.100.3', '198.51.101.3', '192.0.2.8'],
      ...['rule 0: packets 2 bytes 64', 'rule 1: packets 2 bytes 64', ''],
    ]);
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
  }, 120_000);
  it.each(targets)('loads, fills and attaches an object: %s', target => {
    expect(shellOutput(script(`./with-libbpf ${target}.o`), folder)).toBe(expected);
  });
  it('loads objects with all kinds of maps', () => {
    const lines = loadEach('./with-libbpf', { ...plain, ...withData });
    expect(lines.filter(line => !attached.test(line))).toEqual([]);
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
  it('loads objects with all kinds of maps', () => {
    expect(loadEach('./with-cilium', plain).filter(line => !attached.test(line))).toEqual([]);
  });
  it('refuses data sections with names of their own, as docs/embedding.md says of this version', () => {
    const lines = loadEach('./with-cilium', withData);
    expect(lines.filter(line => !/reference to "rule_state" .* not supported/.test(line))).toEqual([]);
  });
});
