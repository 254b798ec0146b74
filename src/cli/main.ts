// dist/cli-program.cjs: all commands. start.ts runs it in the package.

import { allCommands } from './commands/index.ts';
import { runProcess } from './process.ts';

runProcess(allCommands);
