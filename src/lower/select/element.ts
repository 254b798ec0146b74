// Elements that expire or have statements (sets/element-form.ts): subprograms that find one, make one, and run what it
// carries. Facts 41 and 43 to 48 of docs/semantics.md. An element that expired is as good as absent; a rule that adds its key
// takes its place.

import {
  add64,
  atomic,
  atomicAdd,
  call,
  callLocal,
  div64,
  exit,
  jump,
  jumpIf,
  load,
  loadImm64,
  loadMap,
  mov32,
  mov64,
  mul64,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R8,
  R9,
  R10,
  store,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { MapQuery } from '../flow/graph.ts';
import { limitOf } from '../limit.ts';
import {
  type ElementForm,
  type ElementState,
  expiryOffset,
  newElement,
  timeoutOffset,
} from '../sets/element-form.ts';
import type { Code } from './code.ts';
import { littleEndian } from './number.ts';

export type ElementName = `${'find' | 'put' | 'run'}_element_${string}`;
/** What a subprogram is made for. */
export type ElementQuery = Pick<MapQuery, 'map'> & { readonly form: ElementForm };

const NOEXIST = 1;

/** R0 = the value of the key that R6 points to, or null. */
function lookUp(code: Code, map: string): void {
  code.emit(loadMap(R1, map), mov64(R2, R6), call(helperNumber.map_lookup_elem));
}

/** Leaves for `expired` if the value in R9 has, for `forever` if it never does; else R0 = now. */
function checkExpiry(code: Code, expired: string, forever: string): void {
  code.emit(load(8, R1, R9, expiryOffset), jumpIf('eq', R1, 0, forever), call(helperNumber.ktime_get_ns));
  code.emit(load(8, R1, R9, expiryOffset), jumpIf('ge', R0, R1, expired));
}

/** find_element(key): R0 = its value, or null. */
export function emitFindElement(code: Code, { map, form }: ElementQuery): void {
  const [none, found] = [code.fresh('none'), code.fresh('found')];
  code.emit(mov64(R6, R1));
  lookUp(code, map);
  code.emit(jumpIf('eq', R0, 0, none), mov64(R9, R0));
  if (form.expires) checkExpiry(code, none, found);
  code.label(found);
  code.emit(mov64(R0, R9), exit());
  code.label(none);
  code.emit(mov32(R0, 0), exit());
}

/** put_element(key, timeout, restarts): R0 = its value, or null if the set is full. `timeout` in nanoseconds, 0 for none. */
export function emitPutElement(code: Code, { map, form }: ElementQuery): void {
  const [absent, found, expired, keep, built] = ['absent', 'found', 'expired', 'keep', 'built'].map(name =>
    code.fresh(name),
  ) as [string, string, string, string, string];
  const value = -Math.ceil(form.size / 8) * 8;
  code.emit(mov64(R6, R1), mov64(R7, R2), mov64(R8, R3));
  lookUp(code, map);
  code.emit(jumpIf('ne', R0, 0, found));
  code.label(absent);
  const bytes = newElement(form);
  for (let at = 0; at < form.size; at += 8) {
    code.emit(loadImm64(R1, littleEndian(bytes.subarray(at, at + 8))), store(8, R10, value + at, R1));
  }
  code.emit(jumpIf('eq', R7, 0, built), call(helperNumber.ktime_get_ns), add64(R0, R7));
  code.emit(store(8, R10, value + expiryOffset, R0));
  if (form.expires) code.emit(store(8, R10, value + timeoutOffset, R7));
  code.label(built);
  code.emit(loadMap(R1, map), mov64(R2, R6), mov64(R3, R10), add64(R3, value), mov32(R4, NOEXIST));
  code.emit(call(helperNumber.map_update_elem));
  lookUp(code, map);
  code.emit(exit());
  code.label(found);
  code.emit(mov64(R9, R0));
  if (form.expires) {
    checkExpiry(code, expired, keep);
    code.emit(jumpIf('eq', R8, 0, keep), add64(R0, R7), store(8, R9, expiryOffset, R0));
  }
  code.label(keep);
  code.emit(mov64(R0, R9), exit());
  if (!form.expires) return;
  code.label(expired);
  code.emit(loadMap(R1, map), mov64(R2, R6), call(helperNumber.map_delete_elem), jump(absent));
}

/** One statement of the element in R6, for a packet of R7 bytes; leaves for `stop` if it ends the rule. */
function runState(code: Code, state: ElementState, stop: string): void {
  switch (state.kind) {
    case 'counter':
      code.emit(mov64(R1, 1), atomicAdd(8, R6, state.offset, R1), atomicAdd(8, R6, state.offset + 8, R7));
      return;
    case 'limit': {
      const { over, offset } = state;
      const limit = limitOf(state);
      if (limit.of === 'packets') code.emit(loadImm64(R2, limit.cost));
      else
        code.emit(
          mov64(R2, R7),
          loadImm64(R3, limit.unit),
          mul64(R2, R3),
          loadImm64(R3, limit.rate),
          div64(R2, R3),
        );
      code.emit(loadImm64(R3, limit.most), mov64(R1, R6), add64(R1, offset), callLocal('limit'));
      code.emit(jumpIf(over ? 'ne' : 'eq', R0, 0, stop));
      return;
    }
    case 'quota':
      code.emit(mov64(R0, R7), atomic('fetch_add', 8, R6, state.offset, R0), add64(R0, R7));
      code.emit(loadImm64(R1, state.bytes), jumpIf(state.over ? 'le' : 'gt', R0, R1, stop));
  }
}

/** run_element(value, length): R0 = 1 if its statements let the rule go on, else 0. */
export function emitRunElement(code: Code, { form }: ElementQuery): void {
  const stop = code.fresh('stop');
  code.emit(mov64(R6, R1), mov64(R7, R2));
  for (const state of form.states) runState(code, state, stop);
  code.emit(mov32(R0, 1), exit());
  code.label(stop);
  code.emit(mov32(R0, 0), exit());
}
