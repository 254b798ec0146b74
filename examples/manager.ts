// A firewall manager: a policy of its own kind becomes nft text, programs, and what the kernel runs.
//
//   npx tsx examples/manager.ts POLICY.json     applies the policy, and again on SIGHUP; ends on SIGTERM
//
// {"device": "eth0", "blocked": ["192.0.2.16/28"], "tcp": [22, 443], "udp": [443]}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderDiagnostics, toJson, translate } from '../src/index.ts';

interface Policy {
  readonly device: string;
  readonly blocked: readonly string[];
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

function rulesetOf({ device, blocked, tcp, udp }: Policy): string {
  const elements = blocked.length > 0 ? `elements = { ${blocked.join(', ')} }` : '';
  return `table netdev manager {
  set blocked { type ipv4_addr; flags interval; ${elements} }
  chain from_outside {
    type filter hook ingress device "${device}" priority 0; policy accept;
    ip saddr @blocked counter drop
    tcp dport != { ${[0, ...tcp].join(', ')} } tcp flags & (syn | ack) == syn counter drop
    udp dport 1-1023 udp dport != { ${[0, ...udp].join(', ')} } counter drop
  }
}
`;
}

const loader = new URL('load_manifest.py', import.meta.url).pathname;
const manifest = join(mkdtempSync(join(tmpdir(), 'manager-')), 'manifest.json');
/** Ends the loader that keeps the programs attached. */
let detach = (): void => undefined;

async function apply(policy: Policy): Promise<void> {
  const translation = translate({ name: 'policy', text: rulesetOf(policy) }, { target: 'tc' });
  const { ok, diagnostics, sources } = translation;
  if (diagnostics.length > 0) console.error(renderDiagnostics(diagnostics, sources));
  // All or nothing: what is attached stays so.
  if (!ok) return;
  writeFileSync(manifest, toJson(translation));
  const next = spawn('python3', [loader, manifest], { stdio: ['pipe', 'pipe', 'inherit'] });
  next.stdout.pipe(process.stdout);
  const attached = once(next.stdout, 'data').then(() => true);
  if (!(await Promise.race([attached, once(next, 'exit').then(() => false)]))) return;
  // For a moment both decide, so nothing gets through that either of them drops.
  detach();
  detach = () => next.stdin.end();
}

const read = (): Promise<void> => apply(JSON.parse(readFileSync(process.argv[2]!, 'utf8')));
process.on('SIGHUP', () => read().catch(error => console.error(String(error))));
process.on('SIGTERM', () => detach());
await read();
