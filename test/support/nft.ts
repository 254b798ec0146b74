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

/** What a ruleset takes to be there: interfaces (`lo` is) by index, users and groups by number. */
export interface MachineOfNft {
  readonly interfaces: Readonly<Record<string, number>>;
  readonly accounts: Readonly<Record<string, number>>;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Shell commands that make the machine, in a network and mount namespace of their own. */
function machineScript({ interfaces, accounts }: MachineOfNft): string {
  const links = Object.entries(interfaces).map(
    ([name, index]) => `ip link add name ${quoted(name)} index ${index} type veth peer name p${index}`,
  );
  const files = ['passwd', 'group'].flatMap(file => {
    const copy = `$(mktemp)`;
    const lines = Object.entries(accounts).map(([name, id]) =>
      file === 'passwd' ? `${name}:x:${id}:${id}::/:/bin/false` : `${name}:x:${id}:`,
    );
    const text = quoted(lines.join('\n'));
    return [
      `f=${copy}; { cat /etc/${file}; printf '%s\n' ${text}; } >"$f"; mount --bind "$f" /etc/${file}; rm "$f"`,
    ];
  });
  return [...links, ...(Object.keys(accounts).length === 0 ? [] : files)].join('\n');
}

function runOnMachine(text: string, machine: MachineOfNft, command: string): NftAnswer {
  const script = `${machineScript(machine)}\n${command}`;
  const result = spawnSync('unshare', ['-n', '-m', 'sh', '-c', script], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, TZ: 'UTC-2' },
  });
  return { ok: result.status === 0, stdout: result.stdout, stderr: result.stderr };
}

/** As `checkWithNft`, on a machine that has more than the loopback interface. */
export function checkOnMachine(text: string, machine: MachineOfNft): NftAnswer {
  return runOnMachine(text, machine, `exec ${nftPath} --debug=netlink -c -f /dev/stdin`);
}

/** As `checkOnMachine`, but the kernel is given the ruleset and has to take it. */
export function loadOnMachine(text: string, machine: MachineOfNft): NftAnswer {
  return runOnMachine(text, machine, `exec ${nftPath} --debug=netlink -f /dev/stdin`);
}

/** Loads the text there, and lists the ruleset. */
export function listOnMachine(text: string, machine: MachineOfNft, options: string = ''): NftAnswer {
  return runOnMachine(text, machine, `${nftPath} -f /dev/stdin && exec ${nftPath} ${options} list ruleset`);
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
