// The judges that need the kernel, the one with the last word first.

import { LabPool } from '../../support/lab-pool.ts';
import type { Judge } from '../../support/scenario.ts';
import { nfTablesJudge } from './nf-tables.ts';

export interface KernelJudges {
  readonly all: readonly Judge[];
  close(): void;
}

export async function openKernelJudges(): Promise<KernelJudges> {
  const pool = new LabPool();
  return { all: [nfTablesJudge(pool)], close: () => pool.close() };
}
