// The interpreter as a library of its own (`nft2bpf/vm`).

export type { Routine } from './compile.ts';
export * from './fault.ts';
export * from './helper/environment.ts';
export * from './helper/packet.ts';
export { helperTable, standardHelpers } from './helper/standard.ts';
export * from './machine.ts';
export { errno, UpdateFlag, type VmMap } from './map/map.ts';
export { RingBuffer } from './map/ringbuf.ts';
export { MapTable } from './map/table.ts';
export { Memory, Region, type RegionOptions } from './memory.ts';
export type { State } from './state.ts';
