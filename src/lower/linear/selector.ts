// Loads: what an expression reads from the packet or its surroundings, into registers.

import type { Tunnel, TypedHash, TypedMeta, TypedPayload, TypedSelector } from '../../ast/type/typed.ts';
import type { Emitter } from './emitter.ts';
import { genExpression } from './expression.ts';
import type { Expression, Register } from './ir.ts';
import { bytesOf } from './value.ts';

/** The kernel keeps a set of flags; this is the order in which they are printed. */
const fibFlags = ['saddr', 'daddr', 'mark', 'iif', 'oif'] as const;

type Load = Extract<Expression, { readonly op: 'payload' | 'meta' }>;

export function genSelector(emitter: Emitter, selector: TypedSelector, dest: Register): void {
  if (selector.kind === 'hash') genHash(emitter, selector, dest);
  else emitter.emit(load(selector, dest), selector.span);
}

function load(selector: Exclude<TypedSelector, TypedHash>, dest: Register): Expression {
  switch (selector.kind) {
    case 'payload':
      return throughTunnel(selector.tunnel, payloadLoad(selector, dest));
    case 'meta':
      return throughTunnel(selector.tunnel, metaLoad(selector, dest));
    case 'ct': {
      const { key, direction } = selector;
      return { op: 'ct', key, ...(direction !== undefined && { direction }), dest };
    }
    case 'exthdr': {
      const { header, option, offset, present } = selector;
      const length = bytesOf(selector.bits);
      return { op: 'exthdr', header, type: option, offset: offset >> 3, length, present, dest };
    }
    case 'fib': {
      const { result, present } = selector;
      const flags = fibFlags.filter(flag => selector.flags.includes(flag));
      return { op: 'fib', flags, result, present, dest };
    }
    case 'rt':
      return { op: 'rt', key: selector.key, dest };
    case 'socket': {
      const { key, level } = selector;
      return { op: 'socket', key, ...(level !== undefined && { level }), dest };
    }
    case 'osf':
      return { op: 'osf', ttl: selector.ttl, version: selector.version, dest };
    case 'xfrm': {
      const { direction, spnum, key } = selector;
      return { op: 'xfrm', direction, spnum, key, dest };
    }
    case 'tunnel_key':
      return { op: 'tunnel', key: selector.key, dest };
    case 'numgen': {
      const { mode, modulus, offset } = selector;
      return { op: 'numgen', mode, modulus, offset, dest };
    }
  }
}

/** A field of the tunnel's own header stands in the inner header of the packet, as seen from outside. */
function payloadLoad(payload: TypedPayload, dest: Register): Load {
  const base = payload.tunnel !== undefined && payload.base === 'inner' ? 'tunnel' : payload.base;
  return { op: 'payload', base, offset: payload.offset >> 3, length: bytesOf(payload.bits), dest };
}

function metaLoad(meta: TypedMeta, dest: Register): Load {
  return { op: 'meta', key: meta.key, dest };
}

function throughTunnel(tunnel: Tunnel | undefined, expression: Load): Expression {
  return tunnel === undefined ? expression : { op: 'inner', ...tunnel, expression };
}

function genHash(emitter: Emitter, hash: TypedHash, dest: Register): void {
  const { modulus, offset, seed, source: hashed } = hash;
  if (hashed === undefined) {
    emitter.emit({ op: 'hash', type: 'symmetric', modulus, offset, dest }, hash.span);
    return;
  }
  const source = emitter.take(hash.span, hashed);
  genExpression(emitter, hashed, source);
  emitter.release(hashed);
  const length = bytesOf(hashed.bits);
  emitter.emit(
    {
      op: 'hash',
      type: 'jenkins',
      source,
      length,
      ...(seed !== undefined && { seed }),
      modulus,
      offset,
      dest,
    },
    hash.span,
  );
}
