// The clients of nft2bpf batch in examples/: what they print is what the library says.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { udp } from '../../examples/packets.ts';
import { translate } from '../../src/translate.ts';
import { batchCommand, repository } from '../support/batch-process.ts';
import { examplePath, exampleText } from '../support/examples.ts';
import { isMissing } from '../support/requirements.ts';

const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-clients-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ruleset = examplePath('blocked.nft');
const packets = ['192.0.2.7', '192.0.2.9'].map(from =>
  Buffer.from(udp({ from, to: '192.0.2.254', dport: 9 })).toString('hex'),
);

function expected(): string {
  const [program] = translate(exampleText('blocked.nft')).programs;
  return [
    'netdev edge from_wan: exact on tc, xdp',
    `program ingress for tc: ${program!.code.length / 8} instructions`,
    ...['packet 1: drop', 'packet 2: accept', ''],
  ].join('\n');
}

function client(command: string, ...args: readonly string[]): ReturnType<typeof spawnSync> {
  const NFT2BPF = batchCommand.slice(0, -1).join(' ');
  return spawnSync(command, args, { cwd: repository, env: { ...process.env, NFT2BPF }, encoding: 'utf8' });
}

function itAsks(...command: readonly [string, ...string[]]): void {
  it('asks check, compile and run', () => {
    const { status, stdout, stderr } = client(...command, ruleset, ...packets);
    expect([status, stdout, stderr]).toEqual([0, expected(), '']);
  });

  it('shows what is wrong', () => {
    const wrong = join(folder, 'wrong.nft');
    writeFileSync(wrong, exampleText('blocked.nft').replace('counter drop', 'conter drop'));
    const { status, stdout, stderr } = client(...command, wrong);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain("did you mean 'counter'?");
    expect(stderr).toContain(`--> ${wrong}:23:`);
  });
}

describe.skipIf(isMissing('python'))('examples/client.py', () => {
  itAsks('python3', examplePath('client.py'));
});

describe.skipIf(isMissing('go'))('examples/client', () => {
  const binary = join(folder, 'client');
  beforeAll(() => {
    const env = { ...process.env, GOFLAGS: '', GOPROXY: 'off', GO111MODULE: 'on' };
    execFileSync('go', ['build', '-buildvcs=false', '-o', binary, '.'], { cwd: examplePath('client'), env });
  }, 180_000);
  itAsks(binary);
});
