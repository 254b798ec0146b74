// `typeof`: the type of an expression, as a set's key or data has it. Nothing is implied by it.

import { inetProtocolType, integerType } from '../../model/datatype.ts';
import type { Expression } from '../nodes/index.ts';
import { isFamilylessAddress, typedCt } from './ct.ts';
import { typedExthdr } from './exthdr.ts';
import { fail } from './failure.ts';
import { typedField } from './header-field.ts';
import { unwrap } from './list.ts';
import { fieldOf, typedRawPayload } from './payload.ts';
import { ipsecKey, routeKey, typedFib, typedMeta, typedOsf, typedSocket } from './selector.ts';
import type { Typed, TypedExthdr, TypedPart } from './typed.ts';

/** The parts of a key or of data like `expression`. */
export function typeofParts(expression: Expression): readonly TypedPart[] {
  const written = unwrap(expression);
  const parts = written.kind === 'concat' ? written.parts.map(unwrap) : [written];
  return parts.map(part => {
    const { type, bits, order } = typeofSelector(part);
    if (bits === 0)
      fail('variable-width', `an expression of type ${type.name} has no width of its own`, part.span);
    return { type, bits, order };
  });
}

function typeofSelector(expression: Expression): Typed {
  switch (expression.kind) {
    case 'payload': {
      const { protocol, field } = fieldOf(expression);
      return typedField(protocol, field, expression.span);
    }
    case 'raw_payload':
      return typedRawPayload(expression);
    case 'inner':
      return typeofSelector(expression.expression);
    case 'meta':
      return typedMeta(expression.key, expression.span);
    case 'ct':
      if (isFamilylessAddress(expression))
        fail('unknown-family', 'write `ip` or `ip6` before the address', expression.span);
      return typedCt(expression);
    case 'fib':
      return typedFib(expression);
    case 'rt': {
      if (expression.key === 'nexthop' && expression.family === undefined)
        fail('unknown-family', 'write `rt ip nexthop` or `rt ip6 nexthop`', expression.span);
      const name = expression.key === 'nexthop' ? `${expression.family} nexthop` : expression.key;
      return routeKey(name, expression.span);
    }
    case 'socket':
      return typedSocket(expression);
    case 'osf':
      return typedOsf(expression);
    case 'numgen':
    case 'jhash':
    case 'symhash':
      return { type: integerType, bits: 32, order: 'host', span: expression.span };
    case 'ipsec':
      return ipsecKey(expression);
    case 'tunnel':
      return fail('no-typeof', 'the type of a tunnel key cannot be written by typeof', expression.span);
    case 'exthdr_exists':
      return { ...typedExthdr(expression), type: inetProtocolType };
    case 'exthdr':
    case 'tcp_option':
    case 'raw_tcp_option':
    case 'ip_option':
    case 'sctp_chunk':
    case 'dccp_option':
      return fieldBehind(typedExthdr(expression));
    default:
      return fail('not-a-selector', 'typeof takes an expression that reads something', expression.span);
  }
}

/** For nft an option without a field is its first one; only in a rule does it ask whether there is one. */
function fieldBehind(exthdr: TypedExthdr): TypedExthdr {
  return exthdr.present ? { ...exthdr, type: integerType } : exthdr;
}
