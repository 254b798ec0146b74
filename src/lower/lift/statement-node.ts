// Resolved statements as nodes.

import type { Element, RejectStatement, Statement } from '../../ast/nodes/index.ts';
import { objectKind } from '../../ast/type/object-types.ts';
import { type Datatype, icmpCodeType, icmpv6CodeType, icmpxCodeType } from '../../model/datatype.ts';
import type { Draft, SetUpdate } from './draft.ts';
import { symbolOf } from './literal.ts';
import { timeNode } from './make.ts';
import { flagList } from './match.ts';
import { NodeMaker } from './node.ts';
import type { TableContext } from './table-context.ts';
import type { Tree } from './tree.ts';

type Of<Kind extends Draft['kind']> = Extract<Draft, { readonly kind: Kind }>;

export function statementNode(context: TableContext, draft: Draft): Statement {
  const { span } = draft;
  const maker = new NodeMaker(context, span);
  const optional = <Name extends string>(name: Name, tree: Tree | undefined) =>
    (tree === undefined ? {} : { [name]: maker.expression(tree) }) as {
      readonly [Key in Name]?: ReturnType<NodeMaker['expression']>;
    };
  switch (draft.kind) {
    case 'node':
      return draft.node;
    case 'match':
      return maker.match(draft.relation);
    case 'vmap':
      return { kind: 'vmap', key: maker.expression(draft.key), map: maker.set(draft.map), span };
    case 'payload_set':
    case 'exthdr_set':
    case 'meta_set':
    case 'ct_set':
      if (draft.kind === 'ct_set' && draft.target.key.name === 'event') draft.value = flagList(draft.value);
      return {
        kind: 'assign',
        target: maker.expression(draft.target) as (Statement & { readonly kind: 'assign' })['target'],
        value: maker.expression(draft.value),
        span,
      };
    case 'object_map':
      return {
        kind: 'object_reference',
        objectType: objectKind(draft.objectType),
        object: maker.expression(draft.value),
        span,
      };
    case 'reject':
      return rejectNode(context, draft);
    case 'nat': {
      const { kind, action, family, form, flags, address, port } = draft;
      return {
        kind,
        action,
        ...(family !== undefined && (address !== undefined || port !== undefined) && { family }),
        ...(form !== undefined && { form }),
        ...optional('address', address),
        ...optional('port', port),
        flags,
        span,
      };
    }
    case 'tproxy': {
      const { kind, family, address, port } = draft;
      return {
        kind,
        ...(family !== undefined && { family }),
        ...optional('address', address),
        ...optional('port', port),
        span,
      };
    }
    case 'queue':
      return { kind: 'queue', flags: draft.flags, queue: maker.expression(draft.queue), span };
    case 'dup':
      return {
        kind: 'dup',
        ...optional('to', draft.to),
        ...optional('device', draft.device),
        span,
      } as Statement;
    case 'fwd': {
      const { kind, family, address, device } = draft;
      const to =
        address === undefined
          ? {}
          : { ...(family !== undefined && { family }), ...optional('address', address) };
      return { kind, ...to, device: maker.expression(device), span };
    }
    case 'set_update':
      return setUpdateNode(maker, draft);
  }
}

function setUpdateNode(maker: NodeMaker, draft: SetUpdate): Statement {
  const { kind, operation, set, key, data, timeout, statements, span } = draft;
  const element = (tree: Tree): Element => ({
    kind: 'element',
    key: maker.expression(tree),
    statements: [],
    span,
  });
  return {
    kind,
    operation,
    set: { kind: 'set_reference', name: set.name, span },
    key: {
      ...element(key),
      ...(timeout !== undefined && timeout > 0n && { timeout: timeNode(timeout, span) }),
      statements,
    },
    ...(data !== undefined && { data: element(data) }),
    span,
  };
}

/** NFT_REJECT_* */
const rejectKinds = { icmp: 0, tcpReset: 1, icmpx: 2 } as const;
const portUnreachable = { icmp: 3, icmpv6: 4, icmpx: 1 } as const;

const codeTypes: Readonly<Record<keyof typeof portUnreachable, Datatype>> = {
  icmp: icmpCodeType,
  icmpv6: icmpv6CodeType,
  icmpx: icmpxCodeType,
};

/** Without more words that a port is unreachable is what is answered. */
function rejectNode(
  context: TableContext,
  { type, code, family, verbose, span }: Of<'reject'>,
): RejectStatement {
  if (type === rejectKinds.tcpReset) return { kind: 'reject', with: 'tcp reset', span };
  const answer =
    type === rejectKinds.icmpx ? 'icmpx' : family === 'ip' ? 'icmp' : family === 'ip6' ? 'icmpv6' : undefined;
  const isFull = verbose || context.options.format === 'json';
  if (answer === undefined || (!isFull && code === portUnreachable[answer])) return { kind: 'reject', span };
  const number = { value: BigInt(code), type: codeTypes[answer], bits: 8, order: 'none' as const };
  return { kind: 'reject', with: answer, code: symbolOf(number, context.options, span), span };
}
