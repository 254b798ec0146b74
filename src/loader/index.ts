// Loads what `translate` returns into the running kernel. Node only; needs the package koffi.

export * from './error.ts';
export { collectExpired } from './expiry.ts';
export * from './link.ts';
export * from './load.ts';
export * from './map.ts';
export * from './program.ts';
export { openRing, type Ring } from './ring.ts';
export { openSystem, type System } from './system.ts';
export * from './test-run.ts';
