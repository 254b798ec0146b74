// examples/manager.ts in a namespace: applies a policy, a changed one, keeps what runs when one is wrong, and ends.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { repository } from '../support/batch-process.ts';
import { examplePath } from '../support/examples.ts';
import { shellOutput } from '../support/private-bpffs.ts';
import { isMissing } from '../support/requirements.ts';
import { onVeth, traffic } from './veth.ts';

const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-manager-'));
afterAll(() => rmSync(folder, { recursive: true }));

function policy(name: string, blocked: readonly string[], udp: readonly number[]): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ device: 'eth0', blocked, tcp: [22], udp }));
  return path;
}

const sources = ['192.0.2.7', '192.0.2.17'];

describe.skipIf(isMissing('root', 'python'))('examples/manager.ts', () => {
  it('applies policies', () => {
    const first = policy('first.json', ['192.0.2.16/28'], [9]);
    const second = policy('second.json', ['192.0.2.7'], [9]);
    const wrong = policy('wrong.json', ['192.0.2.300'], [9]);
    const script = `
      ${onVeth}
      cp ${first} policy.json
      mkfifo from
      (cd ${repository}; exec ${process.execPath} --import tsx ${examplePath('manager.ts')} ${folder}/policy.json) > from 2> errors &
      manager=$!
      exec 4< from
      read line <&4; echo "$line"
      ${traffic(sources)}
      cp ${second} policy.json; kill -HUP $manager
      # The new programs are attached, then the counters of the old ones come.
      for i in 1 2 3 4; do read line <&4; echo "$line"; done
      ${traffic(sources)}
      cp ${wrong} policy.json; kill -HUP $manager
      for i in $(seq 100); do grep -q 192.0.2.300 errors && break; sleep 0.1; done
      grep 192.0.2.300 errors > /dev/null
      ${traffic(sources)}
      kill -TERM $manager
      cat <&4
      wait $manager`;
    const lines = shellOutput(script, folder).split('\n');
    expect(lines).toEqual([
      ...['attached ingress', '192.0.2.7'],
      ...[
        'attached ingress',
        'rule 0: packets 1 bytes 32',
        'rule 1: packets 0 bytes 0',
        'rule 2: packets 0 bytes 0',
      ],
      '192.0.2.17',
      '192.0.2.17',
      ...['rule 0: packets 2 bytes 64', 'rule 1: packets 0 bytes 0', 'rule 2: packets 0 bytes 0', ''],
    ]);
  });
});
