// Log statements: one subprogram for each size of record reserves room in the ring buffer, fills it and hands it over. If
// there is no room, the record is counted as lost and the rule goes on all the same: a verdict never waits for a reader.

import {
  add64,
  atomicAdd,
  call,
  callLocal,
  exit,
  jumpIf,
  loadMap,
  mov32,
  mov64,
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
  storeImm,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import { hookNumbers } from '../../model/hooks.ts';
import { logRecord, recordSize } from '../../model/log-record.ts';
import type { Effect } from '../flow/graph.ts';
import type { TargetCode } from '../hooks/code.ts';
import type { Place } from '../hooks/target.ts';
import type { Code } from './code.ts';
import type { Copy } from './copy.ts';
import { afterCall } from './facts.ts';

type Log = Extract<Effect, { do: 'log' }>;

export type LogName = `log_${string}`;

/** What a record of a subprogram holds. */
export type LogForm = Pick<Log, 'capture' | 'withUser'>;

export interface LogInput {
  readonly target: TargetCode;
  readonly place: Place;
  readonly logMap: string;
  readonly lossesMap: string;
}

export function emitLogCall(copy: Copy, { statement, capture, withUser }: Log): void {
  const { code, target, compilation } = copy;
  const name: LogName = withUser ? `log_${capture}_user` : `log_${capture}`;
  compilation.subprograms.add(name);
  compilation.logs.set(name, { capture, withUser });
  target.loadLength(code, R3, compilation.place);
  target.loadLogArguments(copy);
  code.emit(mov32(R4, statement), callLocal(name));
  copy.facts = afterCall(copy.facts);
}

/** NF_INET_* at the inet hooks, NF_NETDEV_* at those of a device. */
function hookNumber({ hook }: Place): number {
  return hookNumbers.netdev[hook] ?? hookNumbers.inet[hook]!;
}

/** The index of what a counter map is asked for. */
const INDEX = -4;

/** Counts a record that was lost; R9 is the statement. */
function countLoss(code: Code, { lossesMap }: LogInput): void {
  const done = code.fresh('counted');
  code.emit(store(4, R10, INDEX, R9), mov64(R2, R10), add64(R2, INDEX));
  code.emit(loadMap(R1, lossesMap), call(helperNumber.map_lookup_elem), jumpIf('eq', R0, 0, done));
  code.emit(mov64(R1, 1), atomicAdd(8, R0, 0, R1));
  code.label(done);
  code.emit(mov32(R0, 0), exit());
}

/** log(context, network, length, statement): `network` as helpers count the network header's offset. */
export function emitLog(code: Code, { capture, withUser }: LogForm, input: LogInput): void {
  const { target, place, logMap } = input;
  const [lost, fits, submit] = ['lost', 'fits', 'submit'].map(name => code.fresh(name)) as [
    string,
    string,
    string,
  ];
  code.emit(mov64(R6, R1), mov64(R7, R2), mov64(R8, R3), mov64(R9, R4));
  code.emit(loadMap(R1, logMap), mov32(R2, recordSize(capture)), mov32(R3, 0));
  code.emit(call(helperNumber.ringbuf_reserve), jumpIf('eq', R0, 0, lost));
  code.emit(store(4, R0, logRecord.statement, R9), store(4, R0, logRecord.length, R8), mov64(R9, R0));
  code.emit(call(helperNumber.ktime_get_ns), store(8, R9, logRecord.time, R0));
  code.emit(storeImm(1, R9, logRecord.hook, hookNumber(place)), storeImm(2, R9, logRecord.captured, 0));
  code.emit(storeImm(1, R9, logRecord.linkLength, 0));
  code.emit(storeImm(4, R9, logRecord.user, -1), storeImm(4, R9, logRecord.group, -1));
  target.fillLog(code, { withUser, kernel: place.kernel });
  code.emit(jumpIf('slt', R8, 1, submit), jumpIf('le', R8, capture, fits), mov64(R8, capture));
  code.label(fits);
  target.copyToLog(code, submit);
  code.emit(store(2, R9, logRecord.captured, R8));
  code.label(submit);
  code.emit(mov64(R1, R9), mov32(R2, 0), call(helperNumber.ringbuf_submit), mov32(R0, 0), exit());
  code.label(lost);
  countLoss(code, input);
}
