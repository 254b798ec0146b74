// What the options of `nft list` change. They are read twice: where values become literals (lower/lift), and where
// nodes become text.

import type { RuleId } from '../../lower/linear/ir.ts';
import type { MachineNames } from '../type/options.ts';

/** Output options, named as nft's long options; all are false by default. */
export interface OutputOptions {
  /** `-n`: all of the numeric ones. */
  readonly numeric?: boolean;
  /** `-s`: counters, quotas and the like without what they have counted. */
  readonly stateless?: boolean;
  /** `-S`: names of services instead of port numbers. */
  readonly service?: boolean;
  /** `-u`: names of users and groups. */
  readonly guid?: boolean;
  /** `-y`: priorities as numbers. */
  readonly numericPriority?: boolean;
  /** `-p`: transport protocols as numbers. */
  readonly numericProtocol?: boolean;
  /** `-T`: dates, hours and days as numbers. */
  readonly numericTime?: boolean;
  /** `-t`: sets without their elements. */
  readonly terse?: boolean;
  /** `-a`: the handles that the kernel gives, in a network namespace that had no tables. */
  readonly handle?: boolean;
  /**
   * Rules whose matches are all listed, those among them that a later one implies. nft leaves them out even where it would put
   * something else in their place (`ip6 nexthdr tcp tcp dport 22`), so that its own listing is not always the same ruleset.
   */
  readonly explicit?: ReadonlySet<RuleId>;
  /** Names of the machine, for interfaces, users, marks and the like. */
  readonly names?: MachineNames;
  /** Minutes that local time is ahead of UTC; 0 if not given. */
  readonly timeZoneOffset?: number;
}
