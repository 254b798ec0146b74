// Statements while a rule is lifted: trees where they take values, nodes where nothing is left to find out.

import type { NatStatement, StatefulStatement, Statement } from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import type { IrSet } from '../linear/ir.ts';
import type { Ct, Exthdr, Meta, Payload, Relation, SetUse, Tree } from './tree.ts';

interface At {
  readonly span: Span;
}

export type Match = At & { readonly kind: 'match'; relation: Relation };

/** `action`, `addressFamily` … are those of the node; `text` of the map form is what stands before `to`. */
export interface Nat extends At {
  readonly kind: 'nat';
  readonly action: NatStatement['action'];
  readonly family?: 'ip' | 'ip6';
  readonly form?: NatStatement['form'];
  address?: Tree;
  port?: Tree;
  readonly flags: NatStatement['flags'];
}

export interface SetUpdate extends At {
  readonly kind: 'set_update';
  readonly operation: 'add' | 'update' | 'delete';
  readonly set: IrSet;
  key: Tree;
  data?: Tree;
  /** Milliseconds. */
  readonly timeout?: bigint;
  readonly statements: readonly StatefulStatement[];
}

export type Draft =
  | Match
  | Nat
  | SetUpdate
  | (At &
      (
        | { readonly kind: 'node'; readonly node: Statement }
        | { readonly kind: 'vmap'; key: Tree; readonly map: SetUse }
        | { readonly kind: 'payload_set'; target: Payload; value: Tree }
        | { readonly kind: 'exthdr_set'; target: Exthdr; value: Tree }
        | { readonly kind: 'meta_set'; target: Meta; value: Tree }
        | { readonly kind: 'ct_set'; target: Ct; value: Tree }
        | { readonly kind: 'object_map'; readonly objectType: number; value: Tree }
        | {
            readonly kind: 'reject';
            readonly type: number;
            readonly code: number;
            family?: 'ip' | 'ip6';
            verbose: boolean;
          }
        | { readonly kind: 'tproxy'; readonly family?: 'ip' | 'ip6'; address?: Tree; port?: Tree }
        | { readonly kind: 'queue'; readonly flags: readonly ('bypass' | 'fanout')[]; queue: Tree }
        | { readonly kind: 'dup'; to?: Tree; device?: Tree }
        | { readonly kind: 'fwd'; readonly family?: 'ip' | 'ip6'; address?: Tree; device: Tree }
      ));
