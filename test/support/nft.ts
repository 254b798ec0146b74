// The reference nft as an oracle: text in, its answer out. It runs in a network namespace of its own, checks only (-c)
// and so changes nothing.

import { spawnSync } from 'node:child_process';
import { nftPath } from './requirements.ts';

export interface NftAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

function run(arguments_: readonly string[], text: string): NftAnswer {
  const result = spawnSync('unshare', ['-n', nftPath, ...arguments_], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, TZ: 'UTC-2' },
  });
  return { ok: result.status === 0, stdout: result.stdout, stderr: result.stderr };
}

/** What `nft --debug=netlink -c` prints for a ruleset. TZ is UTC-2, as nft-suite wants it. */
export function checkWithNft(text: string): NftAnswer {
  return run(['--debug=netlink', '-c', '-f', '/dev/stdin'], text);
}

/** What nft prints for commands that only ask, such as `describe`. */
export function askNft(text: string): NftAnswer {
  return run(['-f', '/dev/stdin'], text);
}

/** Loads a ruleset in a namespace of its own; `stdout` is then what `nft -j list ruleset` says. */
export function loadWithNft(text: string): NftAnswer {
  const script = `${nftPath} -f /dev/stdin && ${nftPath} -j list ruleset`;
  const result = spawnSync('unshare', ['-n', 'sh', '-c', script], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  return { ok: result.status === 0, stdout: result.stdout, stderr: result.stderr };
}

/** The expression lines of each rule in order, without their indentation. */
export function rulesOf(output: string): readonly (readonly string[])[] {
  const rules: string[][] = [];
  for (const line of output.split('\n')) {
    if (/^\w+ \S+ \S+$/.test(line)) rules.push([]);
    else if (line.startsWith('  [')) rules.at(-1)?.push(line.trim());
  }
  return rules;
}
