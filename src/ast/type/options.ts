// What evaluation takes beside the ruleset: what nft would ask of the machine it runs on.

import type { ParseLimits } from '../../nft-grammar/options.ts';

/** Names that belong to a machine. A name that is not there is unknown. */
export interface MachineNames {
  /** Interface indexes. */
  readonly interfaces?: Readonly<Record<string, number>>;
  readonly users?: Readonly<Record<string, number>>;
  readonly groups?: Readonly<Record<string, number>>;
  /** Addresses of host names, of either family. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** iproute2's rt_marks, rt_realms and group. */
  readonly marks?: Readonly<Record<string, number>>;
  readonly realms?: Readonly<Record<string, number>>;
  readonly deviceGroups?: Readonly<Record<string, number>>;
  /** connlabel.conf: bit numbers. */
  readonly labels?: Readonly<Record<string, number>>;
  /** Inode numbers of cgroups, by their path below the root. */
  readonly cgroups?: Readonly<Record<string, bigint>>;
}

export interface EvaluateOptions {
  readonly limits?: Partial<ParseLimits>;
  readonly names?: MachineNames;
  /** Minutes that local time is ahead of UTC; 0 if not given. Hours and dates are read as local time. */
  readonly timeZoneOffset?: number;
  /**
   * A limit on time: asked now and then (every 64 statements, elements or rules), true ends the work with an error. The
   * core reads no clock; `() => Date.now() > end` is the caller's.
   */
  readonly isOverdue?: () => boolean;
}
