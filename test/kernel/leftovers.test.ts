// Nothing stays behind, even if a process dies in the middle: namespaces have no name, devices hang on descriptors,
// programs on links.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Lab } from '../support/net/lab.ts';
import { isMissing } from '../support/requirements.ts';

function links(): string {
  return spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' }).stdout;
}

function namedNamespaces(): string[] {
  return existsSync('/run/netns') ? readdirSync('/run/netns') : [];
}

function programs(): string {
  return spawnSync('bpftool', ['-j', 'prog', 'list'], { encoding: 'utf8' }).stdout;
}

async function until(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (condition()) return true;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return false;
}

describe.skipIf(isMissing('root', 'nft', 'bpftool'))('leftovers', () => {
  it('a lab leaves the namespace of the process as it was', () => {
    const before = [links(), namedNamespaces(), readlinkSync('/proc/thread-self/ns/net')];
    const lab = new Lab({ routing: 'local' });
    lab.load('table inet t { chain c { type filter hook input priority 0; drop; }; }');
    expect(links()).toBe(before[0]);
    expect(lab.namespace.execute('ip', ['-o', 'link'])).toContain('in0');
    lab.close();
    expect([links(), namedNamespaces(), readlinkSync('/proc/thread-self/ns/net')]).toEqual(before);
  });

  it('a ruleset that nft refuses leaves the lab usable', () => {
    const lab = new Lab({ routing: 'local' });
    expect(() => lab.load('table inet t { nonsense }')).toThrow(/syntax error/);
    lab.load('');
    lab.close();
  });

  it('a process that is killed takes its programs along', async () => {
    const script = fileURLToPath(new URL('./killed.ts', import.meta.url));
    const name = `k${process.pid}`;
    const child = spawn(process.execPath, ['--import', 'tsx', script, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      expect(programs()).toContain(`"${name}"`);
    } finally {
      child.kill('SIGKILL');
    }
    expect(await until(() => !programs().includes(`"${name}"`))).toBe(true);
    expect(namedNamespaces()).not.toContain(name);
  });
});
