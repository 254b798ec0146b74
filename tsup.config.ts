import { defineConfig, type Options } from 'tsup';

const shared: Options = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: false,
  splitting: true,
  // nearley and moo are bundled (THIRD-PARTY-LICENSES.md), so that the package has no runtime dependency.
  noExternal: ['nearley', 'moo'],
};

const config: ReturnType<typeof defineConfig> = defineConfig([
  {
    ...shared,
    entry: {
      index: 'src/index.ts',
      asm: 'src/bpf-asm/index.ts',
      vm: 'src/bpf-asm/vm/index.ts',
      runtime: 'src/runtime/index.ts',
    },
    platform: 'neutral',
    clean: true,
  },
  // Starting is most of what a short ruleset costs: one file each, of which V8's code cache holds what most runs need.
  {
    ...shared,
    entry: { 'cli-program': 'src/cli/main.ts', 'cli-ir': 'src/cli/main-ir.ts' },
    format: ['cjs'],
    platform: 'node',
    splitting: false,
    dts: false,
    minify: true,
  },
  { ...shared, entry: { cli: 'src/cli/start.ts' }, format: ['esm'], platform: 'node', dts: false },
]);
export default config;
