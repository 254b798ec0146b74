// Loads a field's source, wherever it comes from.

import { R9, R10 } from '../../bpf-asm/build.ts';
import type { Source } from '../flow/field.ts';
import type { Copy } from './copy.ts';
import { locateHeader } from './header.ts';
import type { Located } from './located.ts';
import { locatePayload, needKnown } from './packet.ts';
import { slotOffset } from './stack.ts';

/** True if the source needs the packet's set-up (l4 protocol, transport offset). */
export function needsInfo(source: Source): boolean {
  if (source.from === 'payload') return source.base === 'transport';
  if (source.from === 'exthdr') return source.header !== 'ipv6';
  return source.from === 'meta' && source.key === 'l4proto';
}

/** `absent` gives the label for a load that fails; it is only asked where the load can. */
export function locate(copy: Copy, source: Source, absent: () => string): Located {
  if (source.from === 'payload') return locatePayload(copy, source, absent);
  if (source.from === 'slot') return { kind: 'memory', base: R10, offset: slotOffset(source.slot) };
  if (source.from === 'meta' && source.key === 'l4proto') {
    needKnown(copy, absent);
    return { kind: 'kept', register: R9 };
  }
  if (source.from === 'exthdr') return locateHeader(copy, source, absent);
  return copy.target.locate(copy, source, absent);
}
