// Installs the packed tarball in an empty project and uses it in every way it is meant to be used, on each Node.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const versions = ['20', '22', '24'];
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
check('asm', typeof asm.assemble === 'function');
check('vm', typeof vm === 'object');
`;

try {
  const tarball = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', project], { encoding: 'utf8' }),
  )[0];
  writeFileSync(join(project, 'package.json'), '{ "name": "try", "private": true, "type": "module" }');
  run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    resolve(project, tarball.filename),
    `typescript@${typescriptVersion()}`,
  ]);
  writeFileSync(join(project, 'ruleset.nft'), ruleset);
  const source = JSON.stringify(ruleset);
  writeFileSync(
    join(project, 'use.mjs'),
    `import { translate } from 'nft2bpf';\nimport * as asm from 'nft2bpf/asm';\nimport * as vm from 'nft2bpf/vm';\nconst ruleset = ${source};\n${use}`,
  );
  writeFileSync(
    join(project, 'use.cjs'),
    `const { translate } = require('nft2bpf');\nconst asm = require('nft2bpf/asm');\nconst vm = require('nft2bpf/vm');\nconst ruleset = ${source};\n${use}`,
  );
  writeFileSync(
    join(project, 'use.ts'),
    `import { translate, type Program } from 'nft2bpf';\nconst programs: readonly Program[] = translate('').programs;\nconsole.log(programs.length);\n`,
  );
  run('npx', ['tsc', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', 'use.ts']);
  const command = join(project, 'node_modules/nft2bpf/dist/cli.js');
  for (const version of versions) {
    const node = ['-y', '-p', `node@${version}`, 'node'];
    run('npx', [...node, 'use.mjs']);
    run('npx', [...node, 'use.cjs']);
    const listing = run('npx', [...node, command, 'ir', 'ruleset.nft']);
    if (!listing.includes('cmp eq reg 1 0x0016')) throw new Error(`nft2bpf ir printed ${listing}`);
    console.log(`node ${version}: import, require, types and the command work`);
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}

function typescriptVersion() {
  return execFileSync('node', ['-p', "require('typescript').version"], { encoding: 'utf8' }).trim();
}
