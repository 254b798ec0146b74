// npm run bench: everything in one run, printed as tables. Works in a namespace of its own; needs root, the
// reference nft and clang.
//
//   npm run bench -- [--rounds N] [--quick]

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readBtf } from '../src/bpf-asm/btf/read.ts';
import { openSystem } from '../src/loader/index.ts';
import { benchBatch } from './batch.ts';
import { benchFront } from './front.ts';
import { benchIngress } from './ingress.ts';
import { benchOneRule } from './one-rule.ts';
import { benchTranslate } from './translate-time.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '21' }, quick: { type: 'boolean', default: false } },
});
const rounds = values.quick ? 5 : Number(values.rounds);
const system = await openSystem();
if (!system.ok) throw new Error(system.error.message);
const btf = readBtf(readFileSync('/sys/kernel/btf/vmlinux'));
if (!btf.ok) throw new Error(btf.failure.message);

console.log(`medians of ${rounds} interleaved rounds`);
console.log('\nAt netdev ingress, drawn traffic (live frames):');
console.log(benchIngress(system.value, rounds, values.quick ? 20_000 : 100_000));
console.log('\nOne rule in test runs (`ip saddr A tcp dport B drop`):');
console.log(benchOneRule(system.value, btf.value, rounds, values.quick ? 20_000 : 200_000));
console.log('\nTranslating:');
console.log(benchTranslate(values.quick ? 3 : 11));
console.log('\nRegister IR of a text beside nft, whole commands (sets and maps have 100,000 elements):');
console.log(benchFront(values.quick ? 1 : 5));
console.log('\nOne process of nft2bpf batch:');
console.log(await benchBatch(values.quick ? 5000 : 100_000));
