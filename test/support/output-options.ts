// nft's output options, and the flags of libnftables that they stand for.

import type { OutputOptions } from '../../src/ast/print/options.ts';

/** NFT_CTX_OUTPUT_JSON */
export const jsonOutput: number = 1 << 4;

/** NFT_CTX_OUTPUT_*; the first has none. */
export const optionSets: readonly (readonly [flags: number, options: OutputOptions])[] = [
  [0, {}],
  [1 << 1, { service: true }],
  [1 << 2, { stateless: true }],
  [1 << 6, { guid: true }],
  [1 << 7, { numericProtocol: true }],
  [1 << 8, { numericPriority: true }],
  [1 << 10, { numericTime: true }],
  [(1 << 7) | (1 << 8) | (1 << 9) | (1 << 10), { numeric: true }],
  [1 << 11, { terse: true }],
];
