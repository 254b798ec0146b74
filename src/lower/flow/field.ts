// A field: what a test reads. It has a source (where the bytes come from; the load may fail) and steps (what the rule
// made of them). Bytes are in memory order, as they stand in nf_tables' registers; `fieldNumber` is their value as
// memcmp orders it, first byte most significant. Fields with the same key have the same value until a write.

/** Where bytes come from. Lengths and offsets in bytes. */
export type Source =
  | {
      readonly from: 'payload';
      readonly base: 'link' | 'network' | 'transport';
      readonly offset: number;
      readonly length: number;
    }
  | { readonly from: 'meta'; readonly key: string; readonly length: number }
  | {
      readonly from: 'ct';
      readonly key: string;
      readonly direction: 'original' | 'reply' | undefined;
      readonly length: number;
    }
  | {
      readonly from: 'exthdr';
      readonly header: 'ipv6' | 'tcpopt' | 'ipv4' | 'sctp' | 'dccp';
      readonly type: number;
      readonly offset: number;
      readonly length: number;
      readonly present: boolean;
      /** Bytes of the option that have to be there, for a presence test too. */
      readonly reach: number;
    }
  /** A value that an effect of the same rule left on the stack, e.g. a map's data; 8-byte slot number. */
  | { readonly from: 'slot'; readonly slot: number; readonly length: number }
  | { readonly from: 'constant'; readonly bytes: Uint8Array; readonly length: number };

export type Step =
  | { readonly do: 'mask'; readonly mask: Uint8Array; readonly xor: Uint8Array }
  /** All bytes reversed: byteorder over one unit. */
  | { readonly do: 'swap' }
  /** Of a 32-bit word in host order; the result is 4 bytes. */
  | { readonly do: 'shift'; readonly direction: 'left' | 'right'; readonly bits: number }
  | { readonly do: 'slice'; readonly start: number; readonly length: number };

export interface Field {
  readonly source: Source;
  readonly steps: readonly Step[];
  /** After all steps. */
  readonly length: number;
  /** Identity: equal keys, equal values. */
  readonly key: string;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/** Identity of a source. */
export function sourceKey(source: Source): string {
  switch (source.from) {
    case 'payload':
      return `${source.base}+${source.offset}:${source.length}`;
    case 'meta':
      return `meta ${source.key}`;
    case 'ct':
      return `ct ${source.direction ?? ''} ${source.key}`;
    case 'exthdr':
      return `${source.header} ${source.type}+${source.offset}:${source.present ? `present ${source.reach}` : source.length}`;
    case 'slot':
      return `slot ${source.slot}:${source.length}`;
    case 'constant':
      return `constant ${hex(source.bytes)}`;
  }
}

function stepKey(step: Step): string {
  switch (step.do) {
    case 'mask':
      return `&${hex(step.mask)}^${hex(step.xor)}`;
    case 'swap':
      return 'swap';
    case 'shift':
      return `${step.direction === 'left' ? '<<' : '>>'}${step.bits}`;
    case 'slice':
      return `[${step.start}:${step.length}]`;
  }
}

function make(source: Source, steps: readonly Step[], length: number): Field {
  return { source, steps, length, key: [sourceKey(source), ...steps.map(stepKey)].join(' ') };
}

export function fieldOf(source: Source): Field {
  return make(source, [], source.length);
}

export function constantField(bytes: Uint8Array): Field {
  return fieldOf({ from: 'constant', bytes, length: bytes.length });
}

function isNeutral(step: Step, length: number): boolean {
  if (step.do === 'mask') return step.mask.every(byte => byte === 0xff) && step.xor.every(byte => byte === 0);
  if (step.do === 'slice') return step.start === 0 && step.length === length;
  return step.do === 'swap' && length === 1;
}

function lengthAfter(step: Step, length: number): number {
  if (step.do === 'slice') return step.length;
  return step.do === 'shift' ? 4 : length;
}

/** The field after one more step. Two swaps cancel, neutral steps vanish. */
export function withStep(field: Field, step: Step): Field {
  if (isNeutral(step, field.length)) return field;
  const last = field.steps.at(-1);
  if (step.do === 'swap' && last?.do === 'swap') {
    return make(field.source, field.steps.slice(0, -1), field.length);
  }
  if (field.source.from === 'constant') return constantField(applyStep(field.source.bytes, step));
  return make(field.source, [...field.steps, step], lengthAfter(step, field.length));
}

function word(bytes: Uint8Array): number {
  const padded = new Uint8Array(4);
  padded.set(bytes.subarray(0, 4));
  return new DataView(padded.buffer).getUint32(0, true);
}

function applyStep(bytes: Uint8Array, step: Step): Uint8Array {
  switch (step.do) {
    case 'mask':
      return bytes.map((byte, i) => (byte & (step.mask[i] ?? 0)) ^ (step.xor[i] ?? 0));
    case 'swap':
      return bytes.slice().reverse();
    case 'slice':
      return bytes.slice(step.start, step.start + step.length);
    case 'shift': {
      const result = new Uint8Array(4);
      const value = step.direction === 'left' ? word(bytes) << step.bits : word(bytes) >>> step.bits;
      new DataView(result.buffer).setUint32(0, value >>> 0, true);
      return result;
    }
  }
}

/** The bytes as a number, first byte most significant: how memcmp orders them. */
export function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${hex(bytes)}`);
}

/** The bytes of a number, most significant first. */
export function bytesOf(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16).padStart(length * 2, '0');
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}

/** True if the load always gives a value: the test has no absent edge. */
export function isConstant(field: Field): field is Field & { source: { from: 'constant' } } {
  return field.source.from === 'constant';
}
