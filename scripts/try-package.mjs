// Installs the packed tarball in an empty project and uses it in every way it is meant to be used: on each Node, on Deno
// and Bun, and with each TypeScript that its types are meant for.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const nodes = ['20', '22', '24'];
/** How each of the others runs a file; their npm packages bring the binaries along. */
const others = {
  deno: ['-y', '-p', 'deno@2.9.6', 'deno', 'run', '--allow-all'],
  bun: ['-y', '-p', 'bun@1.4.5', 'bun', 'run'],
};
const typescripts = ['5.9', '6.0'];
const project = mkdtempSync(join(tmpdir(), 'nft2bpf-try-'));
const run = (command, args, options = {}) =>
  execFileSync(command, args, {
    cwd: project,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
    ...options,
  });

const ruleset =
  'table netdev t {\n  chain c {\n    type filter hook ingress device "eth0" priority 0; policy accept;\n    tcp dport 22 drop\n  }\n}\n';
const use = `
const check = (name, ok) => { if (!ok) throw new Error(name + ' failed'); };
const result = translate(ruleset, { target: 'tc' });
check('translate', result.ok && result.programs.length === 1);
check('listing', listing(result.programs[0], result.sources).includes('; <input>:4: tcp dport'));
check('asm', typeof asm.assemble === 'function');
check('vm', typeof vm === 'object');
check('runtime', typeof runtime.encodeElement === 'function');
`;

/** Names of each entry, in a program that is strict about them. */
const typed = `
import { answer, type Diagnostic, listing, type Program, translate, type TranslateOptions } from 'nft2bpf';
import { assemble, type AssemblyItem } from 'nft2bpf/asm';
import { decodeCounters, encodeElement } from 'nft2bpf/runtime';
import * as vm from 'nft2bpf/vm';
const options: TranslateOptions = { target: 'xdp', kernel: [6, 12], names: { interfaces: { eth0: 2 } } };
const { programs, diagnostics, sources } = translate({ name: 'a.nft', text: '' }, options);
const lines: readonly string[] = programs.map((program: Program) => listing(program, sources));
const codes: readonly string[] = diagnostics.map((diagnostic: Diagnostic) => diagnostic.code);
const items: readonly AssemblyItem[] = [];
const result = assemble({ name: 'p', items });
if (result.ok) { const code: Uint8Array = result.program.code; code.length; }
// @ts-expect-error: the types are real ones
translate(1);
export const all: readonly unknown[] = [lines, codes, vm, decodeCounters, encodeElement, answer({}).ok];
`;
const strict = [
  '--noEmit',
  '--strict',
  '--exactOptionalPropertyTypes',
  '--target',
  'es2022',
  '--lib',
  'es2022',
];
/** No DOM, and the project has no types of Node: the declarations must not need either. */
const typeOptions = [
  ['--module', 'nodenext', 'use.mts', 'use.cts'],
  ['--module', 'esnext', '--moduleResolution', 'bundler', 'use.mts'],
];

try {
  const tarball = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', project], { encoding: 'utf8' }),
  )[0];
  writeFileSync(join(project, 'package.json'), '{ "name": "try", "private": true, "type": "module" }');
  run('npm', ['install', '--no-audit', '--no-fund', resolve(project, tarball.filename)]);
  writeFileSync(join(project, 'ruleset.nft'), ruleset);
  const source = JSON.stringify(ruleset);
  writeFileSync(
    join(project, 'use.mjs'),
    `import { listing, translate } from 'nft2bpf';\nimport * as asm from 'nft2bpf/asm';\nimport * as vm from 'nft2bpf/vm';\nimport * as runtime from 'nft2bpf/runtime';\nconst ruleset = ${source};\n${use}`,
  );
  writeFileSync(
    join(project, 'use.cjs'),
    `const { listing, translate } = require('nft2bpf');\nconst asm = require('nft2bpf/asm');\nconst vm = require('nft2bpf/vm');\nconst runtime = require('nft2bpf/runtime');\nconst ruleset = ${source};\n${use}`,
  );
  writeFileSync(join(project, 'use.mts'), typed);
  writeFileSync(join(project, 'use.cts'), typed);
  for (const version of typescripts) {
    for (const options of typeOptions)
      run('npx', ['-y', '-p', `typescript@${version}`, 'tsc', ...strict, ...options]);
    console.log(`typescript ${version}: the types hold`);
  }
  const command = join(project, 'node_modules/nft2bpf/dist/cli.js');
  const tryOn = (name, runtime, files) => {
    for (const file of files) run('npx', [...runtime, file]);
    const listing = run('npx', [...runtime, command, 'ir', 'ruleset.nft']);
    if (!listing.includes('cmp eq reg 1 0x0016')) throw new Error(`nft2bpf ir printed ${listing}`);
    const request = JSON.stringify({ id: 7, op: 'compile', ruleset });
    const answer = JSON.parse(run('npx', [...runtime, command, 'batch'], { input: request }));
    if (answer.id !== 7 || !answer.ok) throw new Error(`nft2bpf batch answered ${JSON.stringify(answer)}`);
    console.log(`${name}: ${files.join(', ')} and the command work`);
  };
  for (const version of nodes)
    tryOn(`node ${version}`, ['-y', '-p', `node@${version}`, 'node'], ['use.mjs', 'use.cjs']);
  for (const [name, runtime] of Object.entries(others)) tryOn(name, runtime, ['use.mjs', 'use.cjs']);
} finally {
  rmSync(project, { recursive: true, force: true });
}
