// What `lower` and `translate` return: programs, maps and what each of them stands for.

import type { AssembledProgram, AssemblyProgram, Relocation } from '../bpf-asm/instruction.ts';
import type { MapDefinition } from '../bpf-asm/map-spec.ts';
import type { Family } from '../model/family.ts';
import type { Span } from '../source/span.ts';
import type { RuleId, Verdict } from './linear/ir.ts';

export type Target = 'xdp' | 'tc' | 'netfilter' | 'cgroup_skb';

/** Where a program is to be attached. `priority` as nft counts it; `pf` 2 is IPv4, 10 is IPv6; `hook` is NF_INET_*. */
export type Attach =
  | { readonly target: 'xdp'; readonly device: string }
  | { readonly target: 'tc'; readonly device: string; readonly direction: 'ingress' | 'egress' }
  | { readonly target: 'netfilter'; readonly pf: 2 | 10; readonly hook: number; readonly priority: number }
  | { readonly target: 'cgroup_skb'; readonly direction: 'ingress' | 'egress' };

/**
 * A part of a key or of data in the entries of a map. `type` is nft's name of its datatype (model's `uniqueName`), `bits`
 * its width. It is `bytes` long, `offset` bytes from the start of the key or of the data, and its lowest byte comes first
 * if `order` is `host`. In a list of ranges (`array`), the offset is that of a number in the entry: the lower bound, the
 * upper one being at `upper`; 8 bytes, or 16 of which the high half comes first, if the part is longer than that.
 */
export interface PartRole {
  readonly type: string;
  readonly bits: number;
  readonly bytes: number;
  readonly order: 'network' | 'host';
  readonly offset: number;
  readonly upper?: number;
}

/** What a map gives: data, `offset` bytes into the entry, or the index of a verdict (4 bytes) out of those the program knows. */
export type DataRole =
  | {
      readonly kind: 'value';
      readonly offset: number;
      /** Parts of the first value and, if elements give ranges, of the last. */
      readonly parts: readonly PartRole[];
      readonly interval?: true;
    }
  | { readonly kind: 'verdict'; readonly offset: number; readonly verdicts: readonly Verdict[] }
  /** The index of an object (4 bytes) out of those of the table that the program knows, by name. */
  | { readonly kind: 'object'; readonly offset: number; readonly objects: readonly string[] };

export type SetRoleFlag = 'anonymous' | 'constant' | 'interval' | 'timeout' | 'dynamic' | 'auto-merge';

/**
 * A set or map of the ruleset; docs/loading.md says how its elements are laid out. `key` (and data of values) is absent if
 * the datatypes are not known, which they are in all that comes from text. `size` is the largest number of elements.
 */
export interface SetRole {
  readonly kind: 'set';
  readonly family: string;
  readonly table: string;
  readonly set: string;
  readonly flags: readonly SetRoleFlag[];
  readonly key?: readonly PartRole[];
  readonly data?: DataRole;
  readonly size?: number;
  /**
   * Of LPM tries: offset in a value of 4 bytes that are 1 if the prefix begins an element, and 0 if it goes on with the
   * element that the prefix before it belongs to.
   */
  readonly start?: number;
  /** Milliseconds after which elements expire that give no timeout of their own. */
  readonly timeout?: number;
  /** Of sets whose elements expire or have statements. */
  readonly carried?: CarriedRole;
}

/**
 * What an element carries, by its offset in the value: the time at which it expires (8 bytes, nanoseconds of
 * CLOCK_MONOTONIC; 0: never) and its timeout (8 bytes, nanoseconds; 0: none), and the state of its statements: packets and
 * bytes of a counter (8 bytes each), 8 bytes of a limit (0: all of it is left) or of a quota (bytes seen). In a hash the
 * first 8 bytes of a value are the number 1. `declared`: the set's declaration has the statements, so that elements have
 * them, too, where they are not written.
 */
export interface CarriedRole {
  readonly expires?: number;
  readonly timeout?: number;
  readonly declared?: true;
  readonly statements: readonly CarriedStatement[];
}

/** Where a statement's state stands, what it begins with, and what of it is in the programs' code (limits, sizes of quotas). */
export type CarriedStatement = { readonly offset: number } & (
  | { readonly kind: 'counter'; readonly packets: bigint; readonly bytes: bigint }
  | {
      readonly kind: 'limit';
      /** Packets or bytes in `unit` seconds. */
      readonly rate: bigint;
      readonly unit: bigint;
      readonly burst: number;
      readonly type: 'packets' | 'bytes';
      readonly over: boolean;
    }
  | { readonly kind: 'quota'; readonly bytes: bigint; readonly consumed: bigint; readonly over: boolean }
);

/** What a map is for. `slots[i]` names what the i-th entry counts. */
export type MapRole =
  | SetRole
  | { readonly kind: 'rule_counters'; readonly slots: readonly CounterSlot[] }
  /** Ring buffer of records (model/log-record.ts); a record's statement is an index into `statements`. */
  | { readonly kind: 'log'; readonly statements: readonly LoggedStatement[] }
  /** Per-CPU array: for each statement of the role `log`, 8 bytes that count the records the buffer had no room for. */
  | { readonly kind: 'log_losses'; readonly statements: number }
  /** What the loader fills in of the machine's clocks (model/clock.ts). */
  | { readonly kind: 'clock' }
  | { readonly kind: 'private'; readonly use: string };

/**
 * A counter: of a rule (`counter` is its ordinal among the rule's counter statements) or a named one. The values in the map start at zero;
 * `packets` and `bytes` are what the ruleset says it starts with.
 */
export type CounterSlot = {
  readonly family: string;
  readonly table: string;
  readonly packets: bigint;
  readonly bytes: bigint;
} & ({ readonly rule: RuleId; readonly counter: number } | { readonly object: string });

/** A `log` statement: the `statement`-th of its rule (or `meta nftrace set`, counted by itself), and what it says. */
export interface LoggedStatement {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly rule: RuleId;
  readonly statement: number;
  readonly prefix?: string;
  /** Syslog level, 0 (emerg) to 7 (debug), 8 for audit; the usual 4 (warning) if neither level nor group is given. */
  readonly level?: number;
  /** nfnetlink_log group. */
  readonly group?: number;
  /** As the ruleset has them; what a record holds of a packet is `capture`. */
  readonly snaplen?: number;
  readonly queueThreshold?: number;
  /** It is no log statement but `meta nftrace set 1`; then there is nothing of the above. */
  readonly trace?: true;
  /** NF_LOG_* bits: 1 TCP sequence, 2 TCP options, 4 IP options, 8 user and group, 32 link header. */
  readonly flags: number;
  /** Bytes of a packet that a record holds at most. */
  readonly capture: number;
}

export interface BpfMap extends MapDefinition {
  readonly role: MapRole;
}

export type Requirement =
  | 'conntrack'
  | 'defragmentation'
  | 'ethernet'
  | 'initial-user-namespace'
  | 'clock'
  | 'expiry';

/** A program before assembly: what `lower` returns. */
export interface LoweredProgram {
  readonly target: Target;
  readonly section: string;
  readonly attach: readonly Attach[];
  readonly assembly: AssemblyProgram;
  /** origins of instructions are indexes into this list. */
  readonly spans: readonly Span[];
  /** The rules that this program decides, in the order they are evaluated. */
  readonly covers: readonly RuleId[];
  /**
   * What must be so on the machine for the verdicts to hold: connection tracking is on, packets are reassembled before this
   * hook, the devices are Ethernet (ARPHRD_ETHER), the network namespace belongs to the initial user namespace (users and
   * groups are numbers of that one), the loader has filled in the map of role `clock`,
   * something removes expired elements from the sets (`carried.expires`) about once a second.
   */
  readonly requires: readonly Requirement[];
}

/** A base chain that stays in nf_tables. */
export interface BesideChain {
  readonly family: Family;
  readonly table: string;
  readonly chain: string;
}

export interface Program extends Omit<LoweredProgram, 'assembly'> {
  readonly name: string;
  /** With `leave: 'refused'`: base chains that decide the same packets at the same hook, in nf_tables. */
  readonly beside?: readonly BesideChain[];
  /** 8 bytes a slot, little endian. */
  readonly code: AssembledProgram['code'];
  /** What is left to the loader: all maps; kfuncs and struct fields unless a vmlinux was given. */
  readonly relocations: readonly Relocation[];
  /** origins[slot] is an index into `spans`, or -1. */
  readonly origins: Int32Array;
}
