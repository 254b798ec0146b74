// Run by leftovers.test.ts: attaches a program of the given name in a lab, says so, and waits to be killed.

import { assemble, exit, mov64, R0 } from '../../src/bpf-asm/index.ts';
import { createLink, loadProgram } from '../../src/loader/index.ts';
import { kernel } from '../support/kernel.ts';
import { Lab } from '../support/net/lab.ts';

const system = await kernel();
const lab = new Lab({ routing: 'local' });
const assembled = assemble({ name: 'p', items: [mov64(R0, 0), exit()] });
if (!assembled.ok) throw new Error('not assembled');
const name = process.argv[2] ?? 'p';
const loaded = loadProgram(system, { name, target: 'tc', code: assembled.program.code });
if (!loaded.ok) throw new Error(loaded.error.message);
const link = lab.namespace.run(() =>
  createLink(system, loaded.value, { target: 'tc', device: 'in0', direction: 'ingress' }),
);
if (!link.ok) throw new Error(link.error.message);
console.log('attached');
setTimeout(() => lab.close(), 60_000);
