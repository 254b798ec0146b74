// Resolves statements that are no matches: what they write, where to, and which matches before them they imply.

import type { Draft } from './draft.ts';
import { resolvePayloadSet } from './payload-set.ts';
import type { Resolver } from './resolve.ts';

type Of<Kind extends Draft['kind']> = Extract<Draft, { readonly kind: Kind }>;

/** NFT_REJECT_* */
const tcpReset = 1;
const icmpx = 2;

export class StatementResolver {
  readonly #resolver: Resolver;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  resolve(draft: Draft): void {
    const resolver = this.#resolver;
    switch (draft.kind) {
      case 'payload_set':
        resolvePayloadSet(resolver, draft);
        return;
      case 'meta_set':
      case 'ct_set':
      case 'object_map':
        draft.value = resolver.tree(draft.value);
        return;
      case 'nat':
        if (draft.address !== undefined) draft.address = resolver.tree(draft.address);
        if (draft.port !== undefined) draft.port = resolver.tree(draft.port);
        return;
      case 'tproxy':
        if (draft.address !== undefined) draft.address = resolver.tree(draft.address);
        if (draft.port !== undefined) {
          resolver.dependencies.forget();
          draft.port = resolver.tree(draft.port);
        }
        return;
      case 'reject':
        this.#reject(draft);
        return;
      case 'set_update':
        draft.key = resolver.key(draft.key);
        if (draft.data !== undefined) draft.data = resolver.tree(draft.data);
        return;
      case 'dup':
        if (draft.to !== undefined) draft.to = resolver.tree(draft.to);
        if (draft.device !== undefined) draft.device = resolver.tree(draft.device);
        return;
      case 'fwd':
        draft.device = resolver.tree(draft.device);
        if (draft.address !== undefined) draft.address = resolver.tree(draft.address);
        return;
      case 'queue':
        if (draft.queue.kind !== 'value' && draft.queue.kind !== 'range')
          draft.queue = resolver.tree(draft.queue);
        return;
      case 'exthdr_set':
      case 'node':
      case 'match':
      case 'vmap':
        return;
    }
  }

  /** Where both IPv4 and IPv6 are possible the answer is listed in full, and says which of the two it is for. */
  #reject(draft: Of<'reject'>): void {
    const { family, protocols, dependencies } = this.#resolver;
    if (family === 'ip' || family === 'ip6') {
      draft.family = family;
      if (draft.type === tcpReset && dependencies.has('transport')) dependencies.release('transport');
      return;
    }
    if (draft.type === icmpx) return;
    draft.verbose = true;
    const network = protocols.at('network')?.name;
    if (network === 'ip' || network === 'ip6') draft.family = network;
    if (dependencies.has('network')) dependencies.release('network');
  }
}
