// Requests of all kinds and what must be in their answers, the same for the same index.

import { tcp } from '../../examples/packets.ts';
import type { Answer } from '../../src/batch/answer.ts';
import { drawnRuleset } from '../property/language/rulesets.ts';
import { Random } from './random.ts';

export interface BatchLine {
  readonly line: string;
  /** Whether the answer is right, its id aside. */
  readonly fits: (answer: Answer) => boolean;
  /** `null` for what is no request. */
  readonly id: number | null;
}

const garbage: readonly string[] = [
  ...['', 'garbage', '{', '[]', 'null', '{"op":"ir"}', '{"op":"exec","ruleset":""}', '"\u0000"'],
  '{"id":{},"op":"ir","ruleset":""}',
  '['.repeat(10_000),
];

function edge(address: string, elements: number): string {
  const others = Array.from({ length: elements }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  return `table netdev edge {
  set blocked { type ipv4_addr; elements = { ${[address, ...others].join(', ')} }; }
  chain c {
    type filter hook ingress device "eth0" priority 0; policy accept;
    ip saddr @blocked counter drop
    tcp dport ${1 + (elements % 65535)} accept
  }
}
`;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

type Kind = (index: number, random: Random) => Omit<BatchLine, 'line' | 'id'> & { readonly request: object };

const addressOf = (random: Random): string =>
  `192.${random.below(256)}.${random.below(256)}.${random.below(256)}`;

const run: Kind = (_, random) => {
  const from = addressOf(random);
  const packets = [from, '203.0.113.9'].map(source =>
    hex(tcp({ from: source, to: '192.0.2.2', dport: 65535 })),
  );
  return {
    request: { op: 'run', ruleset: edge(from, random.below(9)), options: { packets } },
    fits: ({ ok, output }) =>
      ok &&
      JSON.stringify((output as { packets: { verdict: string }[] }).packets.map(({ verdict }) => verdict)) ===
        '["drop","accept"]',
  };
};

const compile: Kind = (_, random) => ({
  request: {
    op: 'compile',
    ruleset: edge(addressOf(random), random.oneIn(50) ? 1000 : random.below(20)),
    options: { target: random.pick(['xdp', 'tc']), objects: random.oneIn(2) },
  },
  fits: ({ ok, output }) => ok && (output as { programs: unknown[] }).programs.length === 1,
});

const check: Kind = (_, random) => ({
  request: { op: 'check', ruleset: edge(addressOf(random), random.below(9)) },
  fits: ({ ok, output }) => ok && (output as { exact: boolean }).exact,
});

const print: Kind = (_, random) => {
  const address = addressOf(random);
  return {
    request: { op: 'print', ruleset: edge(address, random.below(9)), options: { json: random.oneIn(2) } },
    fits: ({ ok, output }) => ok && (output as string).includes(address),
  };
};

/** libnftables JSON, as an object or as text. */
const json: Kind = (_, random) => {
  const port = random.below(65536);
  const left = { payload: { protocol: 'tcp', field: 'dport' } };
  const place = { family: 'ip', table: 't' };
  const ruleset = {
    nftables: [
      { add: { table: { family: 'ip', name: 't' } } },
      { add: { chain: { ...place, name: 'c' } } },
      {
        add: {
          rule: { ...place, chain: 'c', expr: [{ match: { op: '==', left, right: port } }, { drop: null }] },
        },
      },
    ],
  };
  return {
    request: { op: 'print', ruleset: random.oneIn(2) ? ruleset : JSON.stringify(ruleset) },
    fits: ({ ok, output }) => ok && (output as string).includes(`tcp dport ${port} drop`),
  };
};

/** Address translation stays in nf_tables, the filter does not. */
const leave: Kind = (_, random) => {
  const ruleset = `table ip t {
  chain nat { type nat hook postrouting priority srcnat; ip saddr ${addressOf(random)} masquerade; }
  chain in { type filter hook input priority 0; tcp dport ${random.below(65536)} drop; }
}
`;
  return {
    request: { op: 'compile', ruleset, options: { leave: 'refused' } },
    fits: ({ ok, output }) =>
      ok &&
      (output as { programs: unknown[] }).programs.length === 1 &&
      (output as { remainder: string }).remainder.includes('masquerade'),
  };
};

/** Of the whole language: what becomes of it is not known, but it is one of the two. */
const drawn =
  (op: string): Kind =>
  index => ({
    request: { op, ruleset: drawnRuleset(index).text },
    fits: ({ ok, output, diagnostics }) => (ok ? output !== null : diagnostics.length > 0),
  });

const wrong: Kind = (_, random) => ({
  request: { op: 'compile', ruleset: edge(addressOf(random), 3).replace('tcp dport', 'tcp dprot') },
  fits: ({ ok, diagnostics }) => !ok && diagnostics[0]?.line === 6 && diagnostics[0].column === 9,
});

const kinds: readonly Kind[] = [
  ...[run, compile, check, print, json, leave, wrong],
  ...[drawn('ir'), drawn('check'), drawn('print'), drawn('compile')],
];

export function batchLine(index: number): BatchLine {
  const random = new Random(index);
  if (random.oneIn(10))
    return { id: null, line: random.pick(garbage), fits: ({ ok, output }) => !ok && output === null };
  const { request, fits } = random.pick(kinds)(index, random);
  return { id: index, line: JSON.stringify({ id: index, ...request }), fits };
}
