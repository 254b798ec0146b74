// Why a base chain's program would not stand where the chain stands.

import type { IrChain } from '../linear/ir.ts';

/** `chain` is the one that stands in the way, if it is one. */
export interface Obstacle {
  readonly message: string;
  readonly chain?: IrChain;
}
