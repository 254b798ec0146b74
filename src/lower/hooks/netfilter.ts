import type { TargetCode } from './code.ts';
import { tcIngress } from './tc.ts';
export const netfilterTarget: TargetCode = tcIngress;
