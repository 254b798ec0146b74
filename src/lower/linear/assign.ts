// Statements that write: to the packet, to meta and ct keys, to options.

import type { TypedExpression, TypedStatement } from '../../ast/type/typed.ts';
import type { Span } from '../../source/span.ts';
import { checkLoaded, type Emitter } from './emitter.ts';
import { genExpression } from './expression.ts';
import type { Register } from './ir.ts';
import { bytesOf } from './value.ts';

type Statement<Kind extends TypedStatement['kind']> = Extract<TypedStatement, { readonly kind: Kind }>;

/** The value in registers that are free again afterwards: the next expression is the write. */
function genSource(emitter: Emitter, value: TypedExpression, span: Span): Register {
  const source = emitter.take(span, value);
  genExpression(emitter, value, source);
  emitter.release(value);
  return source;
}

export function genPayloadSet(emitter: Emitter, statement: Statement<'payload_set'>): void {
  const { target, value, checksum, span } = statement;
  checkLoaded(value, target.bits);
  const source = genSource(emitter, value, span);
  emitter.emit(
    {
      op: 'payload_write',
      base: target.base,
      offset: target.offset >> 3,
      length: target.bits >> 3,
      source,
      checksumType: checksum.type,
      checksumOffset: checksum.offset,
      checksumFlags: checksum.flags,
    },
    span,
  );
}

export function genExthdrSet(emitter: Emitter, statement: Statement<'exthdr_set'>): void {
  const { target, value, span } = statement;
  checkLoaded(value, target.bits);
  const source = genSource(emitter, value, span);
  emitter.emit(
    {
      op: 'exthdr_write',
      header: 'tcpopt',
      type: target.option,
      offset: target.offset >> 3,
      length: bytesOf(target.bits),
      source,
    },
    span,
  );
}

export function genMetaSet(emitter: Emitter, statement: Statement<'meta_set'>): void {
  const source = genSource(emitter, statement.value, statement.span);
  emitter.emit({ op: 'meta_set', key: statement.key, source }, statement.span);
}

export function genCtSet(emitter: Emitter, statement: Statement<'ct_set'>): void {
  const { key, direction, value, span } = statement;
  const source = genSource(emitter, value, span);
  emitter.emit({ op: 'ct_set', key, ...(direction !== undefined && { direction }), source }, span);
}

export function genQueue(emitter: Emitter, statement: Statement<'queue'>): void {
  const { queue, flags, span } = statement;
  if (queue === undefined || queue.kind === 'value' || queue.kind === 'range') {
    const first = Number(queue === undefined ? 0n : queue.kind === 'range' ? queue.from.value : queue.value);
    const last = queue?.kind === 'range' ? Number(queue.to.value) : first;
    emitter.emit({ op: 'queue', first, total: last - first + 1, flags }, span);
    return;
  }
  const source = genSource(emitter, queue, span);
  emitter.emit({ op: 'queue_register', source, flags }, span);
}
