// Draws rulesets that are to be cut: several base chains on few hooks and priorities, with rules that programs take and rules
// that they do not, with address translation, marks, and things that chains share.

import type { Random } from '../support/random.ts';

/** Rules that become programs. */
const moving = [
  'ip saddr 10.0.0.9 counter',
  'tcp dport 80 counter accept',
  'udp dport 53 counter',
  'udp dport 54 counter drop',
  'ct state new counter',
  'ct state established counter accept',
  'ct state invalid counter drop',
  'ct status dnat counter',
  'ct mark 7 counter',
  'meta mark 7 counter',
  'meta mark 8 counter drop',
  'meta length > 60 counter',
  'tcp flags syn counter',
  'ip ttl 33 counter',
  'ct state vmap { new : jump tests, established : continue }',
  'limit rate 2/hour burst 3 packets counter',
  'tcp dport { 25, 80 } counter',
  'icmp type echo-request counter accept',
  'counter',
];

/** Rules that nf_tables keeps, by the hooks where they may stand. */
const staying: readonly { readonly rule: string; readonly hooks?: readonly string[] }[] = [
  { rule: 'tcp dport 25 counter reject', hooks: ['input', 'forward'] },
  { rule: 'udp dport 54 counter reject', hooks: ['input', 'forward'] },
  { rule: 'tcp dport 25 reject with tcp reset', hooks: ['input', 'forward'] },
  { rule: 'tcp dport 80 meta mark set 7' },
  { rule: 'udp dport 53 counter meta mark set 8' },
  { rule: 'tcp dport 80 ct mark set 7' },
  { rule: 'tcp dport 80 ip ttl set 33' },
  { rule: 'udp dport 53 notrack', hooks: ['prerouting'] },
];

/** Rules that bind the chains of a table that have them. */
const shared = [
  'ip daddr @servers counter',
  'counter name "seen"',
  'jump counted',
  'ip saddr . tcp dport @pairs counter',
  'add @met { ip saddr }',
  'ip daddr @met counter',
  'ip daddr @met counter drop',
];

const translations: Readonly<Record<string, readonly string[]>> = {
  prerouting: ['tcp dport 8080 counter dnat ip to 10.1.0.9:80', 'udp dport 5353 counter redirect to :53'],
  postrouting: ['oifname "out0" counter masquerade', 'tcp dport 80 counter snat ip to 10.1.0.1'],
};

const hooks = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;
const priorities = [-250, -150, -100, -100, 0, 0, 0, 5, 100, 100];

function drawRule(random: Random, hook: string, mayStay: boolean, name: string): string {
  if (random.oneIn(10)) return random.pick(shared);
  if (!mayStay || !random.oneIn(4)) return random.pick(moving);
  const rule = random.pick(staying.filter(({ hooks: own }) => own?.includes(hook) ?? true));
  return `${rule.rule} comment "${name}"`;
}

function drawChain(random: Random, name: string): string {
  const hook = random.pick(hooks);
  const mayStay = random.oneIn(3);
  const rules = Array.from({ length: 1 + random.below(5) }, () => drawRule(random, hook, mayStay, name));
  const policy = random.oneIn(6) && hook !== 'output' ? 'drop' : 'accept';
  const head = `type filter hook ${hook} priority ${random.pick(priorities)}; policy ${policy};`;
  return `  chain ${name} {\n    ${[head, ...rules].join('\n    ')}\n  }`;
}

function drawNat(random: Random, name: string): string {
  const hook = random.pick(['prerouting', 'postrouting']);
  const head = `type nat hook ${hook} priority ${random.pick([-100, 0, 100])};`;
  return `  chain ${name} {\n    ${[head, random.pick(translations[hook]!)].join('\n    ')}\n  }`;
}

function drawTable(random: Random, name: string): string {
  const chains = Array.from({ length: 1 + random.below(4) }, (_, index) =>
    random.oneIn(5) ? drawNat(random, `n${index}`) : drawChain(random, `c${index}`),
  );
  return `table ${random.pick(['ip', 'inet'])} ${name} {
  set servers { type ipv4_addr; flags interval; elements = { 10.1.0.0/24, 10.0.0.1 }; }
  set pairs { type ipv4_addr . inet_service; elements = { 10.0.0.9 . 80, 10.0.0.9 . 25 }; }
  set met { type ipv4_addr; flags dynamic; size 100; }
  counter seen { }
  chain tests { tcp dport 80 return; udp dport 54 drop; }
  chain counted { ip protocol udp counter; }
${chains.join('\n')}
}`;
}

/** Rules for devices: those that programs take, and those that nf_tables keeps. */
const onDevices = {
  moving: [
    'ip saddr 10.0.0.9 counter',
    'udp dport 53 counter drop',
    'tcp dport 80 counter accept',
    'meta mark 5 counter',
    'icmp type echo-request meta mark set 5',
    'ip ttl 9 counter',
    'counter',
  ],
  staying: [
    'tcp dport 80 ip ttl set 9',
    'icmp type echo-request counter dup to lo',
    'udp dport 54 counter reject',
  ],
} as const;

function drawDeviceChain(random: Random, name: string, priority: number): string {
  const hook = random.pick([
    'ingress device "in0"',
    'ingress devices = { "in0", "out0" }',
    'egress device "out0"',
  ]);
  const mayStay = random.oneIn(2);
  const rules = Array.from({ length: 1 + random.below(3) }, () => {
    const rule = random.pick(mayStay && random.oneIn(2) ? onDevices.staying : onDevices.moving);
    return hook.startsWith('egress') && rule.endsWith('reject') ? 'counter' : rule;
  });
  const head = `type filter hook ${hook} priority ${priority}; policy accept;`;
  return `  chain ${name} {\n    ${[head, ...rules].join('\n    ')}\n  }`;
}

function drawDevices(random: Random): string {
  const chains = Array.from({ length: 2 + random.below(3) }, (_, index) =>
    drawDeviceChain(random, `d${index}`, random.below(3)),
  );
  return `table netdev links {\n${chains.join('\n')}\n}`;
}

/** Two or three tables; now and then one is opened again, so that its chains are registered behind those of others. */
export function drawRuleset(random: Random): string {
  const tables = Array.from({ length: 2 + random.below(2) }, (_, index) => drawTable(random, `t${index}`));
  if (random.oneIn(3)) tables.push(drawDevices(random));
  if (!random.oneIn(3)) return tables.join('\n');
  const family = /^table (\S+) t0/.exec(tables[0]!)![1]!;
  return `${tables.join('\n')}\ntable ${family} t0 {\n${drawChain(random, 'again')}\n}`;
}
