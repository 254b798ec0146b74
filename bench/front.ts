// The front half beside nft itself, as commands: wall time, processor time and memory of `ir` on each of the texts, and of
// `nft -f` and `nft -c` on the same file. Each round runs all three in turn, so that a busy machine is busy for all.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nftPath } from '../test/support/requirements.ts';
import { frontTexts } from './front-texts.ts';
import { median, table } from './measure.ts';

interface Cost {
  readonly wall: number;
  readonly processor: number;
  readonly megabytes: number;
}

/** Of a process that GNU time watches; its output is thrown away. */
function costOf(command: readonly string[], folder: string): Cost {
  const report = join(folder, 'time');
  const run = spawnSync('/usr/bin/time', ['-o', report, '-f', '%e %U %S %M', ...command], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`${command.join(' ')}: status ${run.status}`);
  const [wall, user, system, kilobytes] = readFileSync(report, 'utf8').split(' ').map(Number);
  return { wall: wall!, processor: user! + system!, megabytes: kilobytes! / 1024 };
}

/** Medians over the rounds; empty for commands that are left out. */
function cells(costs: readonly (readonly (Cost | undefined)[])[], index: number): readonly string[] {
  const measured = costs.flatMap(round => round[index] ?? []);
  if (measured.length === 0) return ['-', '-', '-'];
  const of = (what: keyof Cost): number => median(measured.map(cost => cost[what]));
  return [of('wall').toFixed(2), of('processor').toFixed(2), of('megabytes').toFixed(0)];
}

/** Needs dist/cli.js (`npm run build`). `only`: part of the names of texts. */
export function benchFront(rounds: number, only = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-bench-'));
  const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
  const file = join(folder, 'ruleset.nft');
  const ours = [process.execPath, cli, 'ir', file];
  const theirs = ['-f', '-c'].map(how => [
    'unshare',
    '-n',
    nftPath,
    ...(how === '-c' ? ['-c'] : []),
    '-f',
    file,
  ]);
  try {
    const texts = frontTexts().filter(({ name }) => name.includes(only));
    const rows = texts.map(({ name, make, forNft }) => {
      writeFileSync(file, make());
      const commands = [ours, ...theirs];
      const costs = Array.from({ length: rounds }, () =>
        commands.map((command, index) => (index === 0 || forNft ? costOf(command, folder) : undefined)),
      );
      return [name, ...commands.flatMap((_, index) => cells(costs, index))];
    });
    const nothing = Array.from({ length: rounds }, () => [costOf([process.execPath, '-e', '0'], folder)]);
    return table([
      ['wall s, CPU s, MB', 'ir', '', '', 'nft -f', '', '', 'nft -c', '', ''],
      ...rows,
      ['nothing (node -e 0)', ...cells(nothing, 0), '', '', '', '', '', ''],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
