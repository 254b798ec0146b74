// The front half beside nft itself, as commands: user and system time, and memory, for `ir` of a large text and for
// `nft -f` and `nft -c` on the same file, each round all three in turn. Processor time, so that a busy machine counts less.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nftPath } from '../test/support/requirements.ts';
import { median, table } from './measure.ts';

const address = (i: number): string => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

const chainOf = (rules: readonly string[]): string =>
  `table inet t {\n  chain c {\n    type filter hook input priority 0;\n    ${rules.join('\n    ')}\n  }\n}\n`;

const setOf = (type: string, elements: readonly string[]): string =>
  `table ip t {\n  set s {\n    type ${type}\n    elements = { ${elements.join(',\n')} }\n  }\n}\n`;

/** Rules of four shapes in turn: addresses and ports, counters, ranges, connection states. */
function mixed(i: number): string {
  const source = `ip saddr ${address(i)}`;
  switch (i % 4) {
    case 0:
      return `${source} tcp dport ${1 + (i % 65_000)} drop`;
    case 1:
      return `${source} udp dport ${1 + (i % 65_000)} counter accept`;
    case 2:
      return `iifname "eth${i % 50}" tcp dport ${1 + (i % 6000)}-${7000 + (i % 5000)} drop`;
    default:
      return `ip6 saddr 2001:db8::${(i & 0xffff).toString(16)} ct state established,related accept`;
  }
}

function texts(): Readonly<Record<string, string>> {
  return {
    '30 rules': chainOf(numbers(30).map(mixed)),
    '160,000 rules, one shape': chainOf(
      numbers(160_000).map(i => `ip saddr ${address(i)} tcp dport ${1 + (i % 65_000)} drop`),
    ),
    '160,000 rules, four shapes': chainOf(numbers(160_000).map(mixed)),
    'set of 100,000': setOf('ipv4_addr', numbers(100_000).map(address)),
  };
}

interface Cost {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Of a process that GNU time watches; its output is thrown away. */
function costOf(command: readonly string[], folder: string): Cost {
  const report = join(folder, 'time');
  const run = spawnSync('/usr/bin/time', ['-o', report, '-f', '%U %S %M', ...command], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`${command.join(' ')}: status ${run.status}`);
  const [user, system, kilobytes] = readFileSync(report, 'utf8').split(' ').map(Number);
  return { seconds: user! + system!, megabytes: kilobytes! / 1024 };
}

/** Needs dist/cli.js (`npm run build`). */
export function benchFront(rounds: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-bench-'));
  const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
  try {
    const rows = Object.entries(texts()).map(([name, text]) => {
      const file = join(folder, 'ruleset.nft');
      writeFileSync(file, text);
      const commands = [
        [process.execPath, cli, 'ir', file],
        ['unshare', '-n', nftPath, '-f', file],
        ['unshare', '-n', nftPath, '-c', '-f', file],
        [process.execPath, '-e', '0'],
      ];
      const costs = Array.from({ length: rounds }, () => commands.map(command => costOf(command, folder)));
      const cells = commands.flatMap((_, index) => {
        const of = (what: keyof Cost): number => median(costs.map(round => round[index]![what]));
        return [of('seconds').toFixed(2), of('megabytes').toFixed(0)];
      });
      return [name, ...cells];
    });
    return table([['CPU s, MB', 'ir', '', 'nft -f', '', 'nft -c', '', 'node -e 0', ''], ...rows]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
