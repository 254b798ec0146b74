// Run by loader.test.ts as a user without privileges: prints the codes of what fails.

import { assemble, exit, loadMap, R1 } from '../../src/bpf-asm/index.ts';
import { createMap, loadProgram, openSystem } from '../../src/loader/index.ts';

const system = await openSystem();
if (!system.ok) throw new Error(system.error.message);
const none = new Uint8Array(0);
const map = createMap(system.value, {
  name: 'm',
  type: 'lpm_trie',
  keySize: 8,
  valueSize: 8,
  maxEntries: 1,
  flags: 1,
  count: 0,
  keys: none,
  values: none,
});
const assembled = assemble({ name: 'p', items: [loadMap(R1, 'm'), exit()] });
const program = assembled.ok
  ? loadProgram(system.value, { name: 'p', target: 'xdp', code: assembled.program.code })
  : undefined;
console.log(
  JSON.stringify([map, program].map(result => (result?.ok === false ? result.error.code : result))),
);
