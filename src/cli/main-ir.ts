// dist/cli-ir.cjs: `ir` alone, for which half of the library is enough: reading the rest takes longer than a short
// ruleset. start.ts runs it in the package.

import { runProcess } from './process.ts';

runProcess({ ir: async () => (await import('./commands/ir.ts')).ir });
