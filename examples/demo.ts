// The main job without privileges: two rulesets of real size to programs for each target, sample packets through the
// emitted bytes in the embedded interpreter, the rules that matched, and a listing.  npm run demo

import { readFileSync } from 'node:fs';
import {
  createSimulation,
  evaluate,
  linearize,
  listing,
  type PacketContext,
  type PacketPlace,
  parse,
  renderDiagnostics,
  type Target,
  translate,
} from '../src/index.ts';
import { tcp, udp } from './packets.ts';

interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly context?: PacketContext;
}

function device(name: string, index: number): NonNullable<PacketContext['input']> {
  return { name, index, group: 0, type: 1 };
}

const wan: PacketContext = { input: device('eth0', 2) };
const loopback: PacketContext = { input: device('lo', 1) };

const edge: readonly Sample[] = [
  {
    name: 'a customer to the web server',
    bytes: tcp({ from: '198.51.100.9', to: '192.0.2.80', dport: 443 }),
  },
  { name: 'a spoofed private source', bytes: tcp({ from: '10.1.2.3', to: '192.0.2.80', dport: 443 }) },
  { name: 'a blocked network', bytes: udp({ from: '203.0.113.77', to: '192.0.2.53', dport: 53 }) },
  { name: 'SYN with FIN', bytes: tcp({ from: '198.51.100.9', to: '192.0.2.80', dport: 80 }, ['syn', 'fin']) },
  { name: 'a scan', bytes: tcp({ from: '198.51.100.9', to: '192.0.2.80', dport: 3306 }) },
];

const server: readonly Sample[] = [
  {
    name: 'a new web client',
    bytes: tcp({ from: '198.51.100.9', to: '192.0.2.80', dport: 443 }),
    context: { ...wan, conntrack: 'new' },
  },
  {
    name: 'a reply',
    bytes: tcp({ from: '198.51.100.9', to: '192.0.2.80', sport: 443, dport: 40000 }, ['ack']),
    context: { ...wan, conntrack: 'established' },
  },
  {
    name: 'ssh from an administrator',
    bytes: tcp({ from: '192.0.2.3', to: '192.0.2.80', dport: 22 }),
    context: { ...wan, conntrack: 'new' },
  },
  {
    name: 'ssh from anywhere else',
    bytes: tcp({ from: '198.51.100.9', to: '192.0.2.80', dport: 22 }),
    context: { ...wan, conntrack: 'new' },
  },
  {
    name: 'over the loopback',
    bytes: tcp({ from: '127.0.0.1', to: '127.0.0.1', dport: 5432 }),
    context: { ...loopback, conntrack: 'new' },
  },
];

function show(name: string, target: Target, place: PacketPlace, samples: readonly Sample[]): void {
  const source = { name, text: readFileSync(new URL(name, import.meta.url), 'utf8') };
  const translation = translate(source, { target });
  console.log(renderDiagnostics(translation.diagnostics, translation.sources));
  if (!translation.ok) throw new Error(`${name} was refused`);
  const rulesets = linearize(evaluate(parse(source)).ruleset).ir;
  const simulation = createSimulation(rulesets, translation);
  if ('failed' in simulation) throw new Error(simulation.failed);
  const sizes = translation.programs.map(
    program => `${program.name} ${program.code.length / 8} instructions`,
  );
  console.log(`== ${name} for ${target}: ${sizes.join(', ')}, ${translation.maps.length} maps`);
  for (const { name: what, bytes, context = wan } of samples) {
    const decision = simulation.decide(place, bytes, context);
    if (decision.kind !== 'decided') throw new Error(`${what}: ${decision.reason}`);
    const matched =
      decision.matched.map(({ chain, verdict }) => `${chain} ${verdict}`).join(', ') || 'policy';
    console.log(
      `   ${decision.verdict.padEnd(6)}  ${what} (${matched}; ${decision.instructions} instructions ran)`,
    );
  }
}

show('edge.nft', 'xdp', { family: 'netdev', hook: 'ingress' }, edge);
show('edge.nft', 'tc', { family: 'netdev', hook: 'ingress' }, edge);
show('server.nft', 'netfilter', { family: 'inet', hook: 'input' }, server);

const rule = `table netdev edge {
  chain from_wan {
    type filter hook ingress device "eth0" priority 0; policy accept;
    ip saddr 192.0.2.1 tcp dport 22 drop
  }
}
`;
const { programs, sources } = translate({ name: 'one-rule.nft', text: rule }, { target: 'xdp' });
console.log(`\n== one rule as XDP\n${rule}`);
for (const program of programs) console.log(listing(program, sources));
