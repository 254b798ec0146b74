// Read before every test file: properties that name no seed of their own take the one of the run.

import fc from 'fast-check';
import { seed } from './random.ts';

fc.configureGlobal({ seed });
