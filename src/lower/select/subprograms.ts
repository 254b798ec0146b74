// Functions of their own behind the program: what is needed at very many places. They also keep the verifier fast: since
// Linux 6.18 it works out again which stack slots are live, over the whole function, for each place that reads the stack.

import {
  add64,
  and32,
  atomicAdd,
  call,
  exit,
  jumpIf,
  load,
  loadMap,
  mov64,
  R0,
  R1,
  R2,
  R3,
  R4,
  R5,
  R6,
  R10,
  store,
  storeImm,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Instruction } from '../../bpf-asm/instruction.ts';
import type { MapQuery } from '../flow/graph.ts';
import { laterFragment, type TargetCode, unknownTransport } from '../hooks/code.ts';
import type { Code } from './code.ts';
import {
  type ElementName,
  type ElementQuery,
  emitFindElement,
  emitPutElement,
  emitRunElement,
} from './element.ts';
import { emitLog, type LogForm, type LogInput, type LogName } from './log.ts';
import { emitScan } from './scan.ts';
import { emitLimit, emitNextNumber } from './state.ts';
import { emitFindChunk, emitFindHeader, emitFindOption } from './walk.ts';

type Fixed = 'slow_load' | 'slow_transport' | 'count' | 'limit' | 'next_number' | Finder;
type Finder = 'find_ipv6_header' | 'find_tcp_option' | 'find_sctp_chunk';
export type ScanName = `scan_${string}`;
export type SubprogramName = Fixed | ScanName | LogName | ElementName;

export interface SubprogramInput extends LogInput {
  readonly countersMap: string;
  readonly scans: ReadonlyMap<SubprogramName, MapQuery>;
  readonly elements: ReadonlyMap<SubprogramName, ElementQuery>;
  readonly logs: ReadonlyMap<SubprogramName, LogForm>;
}

/** The result's place in the subprogram's frame. */
const RESULT = -8;

/** R0 = R3 bytes from R2 on as a little-endian number, or -1. */
function loadAndReturn(code: Code, target: TargetCode, fail: string): void {
  code.emit(storeImm(8, R10, RESULT, 0));
  target.copyInSubprogram(code, fail);
  code.emit(load(4, R0, R10, RESULT), exit());
  code.label(fail);
  code.emit(mov64(R0, -1), exit());
}

/** slow_load(source, offset, length) */
function slowLoad(code: Code, { target }: SubprogramInput): void {
  loadAndReturn(code, target, code.fresh('fails'));
}

/**
 * slow_transport(source, header, length, offset, reads): `header` says if this is a later fragment, in which nothing is
 * read, or (`reads`) only what is linear; or if there is no header.
 */
function slowTransport(code: Code, { target }: SubprogramInput): void {
  const [fail, whole] = [code.fresh('fails'), code.fresh('whole')];
  code.emit(jumpIf('ge', R2, unknownTransport, fail), jumpIf('lt', R2, laterFragment, whole));
  code.emit(jumpIf('eq', R5, 0, fail), and32(R2, laterFragment - 1));
  target.loadLinear(code);
  code.emit(mov64(R5, R2), add64(R5, R3), add64(R5, R4), jumpIf('sgt', R5, R0, fail));
  code.label(whole);
  code.emit(add64(R2, R4));
  loadAndReturn(code, target, fail);
}

/** Adds a packet of R2 bytes to the counter that R0 points to; R1 is used. */
export function addToCounter(isPreemptible: boolean): Instruction[] {
  if (isPreemptible) return [mov64(R1, 1), atomicAdd(8, R0, 0, R1), atomicAdd(8, R0, 8, R2)];
  return [
    load(8, R1, R0, 0),
    add64(R1, 1),
    store(8, R0, 0, R1),
    load(8, R1, R0, 8),
    add64(R1, R2),
    store(8, R0, 8, R1),
  ];
}

/** count(slot, bytes) */
function count(code: Code, { target, place, countersMap }: SubprogramInput): void {
  const skip = code.fresh('counted');
  code.emit(mov64(R6, R2), store(4, R10, RESULT, R1), mov64(R2, R10), add64(R2, RESULT));
  code.emit(loadMap(R1, countersMap), call(helperNumber.map_lookup_elem), jumpIf('eq', R0, 0, skip));
  code.emit(mov64(R2, R6), ...addToCounter(target.isPreemptible(place)));
  code.label(skip);
  code.emit(mov64(R0, 0), exit());
}

const bodies: Readonly<Record<Fixed, (code: Code, input: SubprogramInput) => void>> = {
  slow_load: slowLoad,
  slow_transport: slowTransport,
  count,
  limit: code => emitLimit(code),
  next_number: code => emitNextNumber(code),
  find_ipv6_header: (code, { target }) => emitFindHeader(code, target),
  find_tcp_option: (code, { target }) => emitFindOption(code, target),
  find_sctp_chunk: (code, { target }) => emitFindChunk(code, target),
};

function emitElement(code: Code, name: SubprogramName, query: ElementQuery): void {
  if (name.startsWith('find')) emitFindElement(code, query);
  else if (name.startsWith('put')) emitPutElement(code, query);
  else emitRunElement(code, query);
}

/** Emits the subprograms that are called. */
export function emitSubprograms(
  code: Code,
  names: ReadonlySet<SubprogramName>,
  input: SubprogramInput,
): void {
  code.setOrigin(-1);
  for (const name of names) {
    code.label(name);
    const scan = input.scans.get(name);
    const log = input.logs.get(name);
    const element = input.elements.get(name);
    if (scan) emitScan(code, scan);
    else if (log) emitLog(code, log, input);
    else if (element) emitElement(code, name, element);
    else bodies[name as Fixed](code, input);
    code.flush();
  }
}
