// What the writers of this folder take: as much of a translation's result as they need.

import type { SourceFile } from '../../source/span.ts';
import type { BpfMap, Program } from '../program.ts';

export interface Translated {
  readonly programs: readonly Program[];
  readonly maps: readonly BpfMap[];
  /**
   * With `leave: 'refused'`: what stays in nf_tables, as text for `nft -f`. To be loaded, into nf_tables that has nothing
   * of this ruleset yet, before the programs are attached. Empty if nothing stays.
   */
  readonly remainder?: string;
  /** The files that spans refer to. A span of a file that is not here has no place in the output. */
  readonly sources: readonly SourceFile[];
}
