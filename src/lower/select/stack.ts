// The stack frame, the same in every program: offsets from R10, in bytes. The verifier counts only what is used.

/** Keys of map look-ups: up to 64 bytes and a prefix length. */
export const KEY = -72;
/** What helpers load: up to 64 bytes. */
export const BUFFER = -136;
/** Values that a rule's statements keep: eight slots of 8 bytes. */
export const SLOTS = -200;
/** 1 in a later fragment, else 0. */
export const FRAGMENT = -208;
/** Offset of the network header from the start of what helpers read. */
export const NETWORK = -216;
/** Which node the slow copy goes on with; not 8-byte aligned, so that the verifier forgets its value. */
export const RESUME = -220;
/** The array index of a counter; not aligned to 8 for the same reason. */
export const INDEX = -228;
/** A value on its way. */
export const VALUE = -264;
/** Not aligned to 8, so that the verifier does not know what was stored. */
export const OPAQUE = -252;
/** A dynptr. */
export const DYNPTR = -248;
/** Where shared chains go back to: 4 bytes a level, 16 levels down from here; not aligned to 8 either. */
export const BACK = -268;

export const levelCount = 16;

export function slotOffset(slot: number): number {
  return SLOTS + slot * 8;
}

export function backOffset(level: number): number {
  return BACK - (level - 1) * 8;
}
