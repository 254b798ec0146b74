// What the writers of this folder take: as much of a translation's result as they need.

import type { SourceFile } from '../../source/span.ts';
import type { BpfMap, Program } from '../program.ts';

export interface Translated {
  readonly programs: readonly Program[];
  readonly maps: readonly BpfMap[];
  /** The files that spans refer to. A span of a file that is not here has no place in the output. */
  readonly sources: readonly SourceFile[];
}
