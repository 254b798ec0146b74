// What the stages ask of a place where programs are attached. One file a target implements it; nothing outside of this
// folder branches on a target's name.

import type { Family, Hook } from '../../model/family.ts';
import type { Source } from '../flow/field.ts';
import type { Effect } from '../flow/graph.ts';
import type { Target } from '../program.ts';

/** Linux version of the machine the program is for. */
export type KernelVersion = readonly [number, number];

/** Where a base chain's rules run: the table's family, the hook, and which protocol families' packets come by. */
export interface Place {
  readonly family: Family;
  readonly hook: Hook;
  /** 2, 10 or both at the inet hooks; empty at ingress and egress of a device. */
  readonly protocols: readonly (2 | 10)[];
  readonly kernel: KernelVersion;
}

/** What is exact at a target, and what is known there without asking. */
export interface TargetFacts {
  readonly name: Target;
  /** Why a load cannot be decided exactly here; undefined if it can. */
  readonly refuseSource: (source: Source, place: Place) => string | undefined;
  readonly refuseEffect: (effect: EffectKind, place: Place) => string | undefined;
  /** The value of a source that is the same for every packet here. */
  readonly constant: (source: Source, place: Place) => Uint8Array | undefined;
}

/** Effects as far as a target's answer depends on them. */
export type EffectKind =
  | { readonly do: Exclude<Effect['do'], 'set_meta' | 'log'> }
  | { readonly do: 'log'; readonly withUser: boolean }
  | { readonly do: 'set_meta'; readonly key: string };
