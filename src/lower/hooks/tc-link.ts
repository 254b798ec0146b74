// Bytes of the link header in tc programs: skb->data is the link header, its VLAN tag may be in skb metadata.

import {
  add64,
  call,
  endian,
  jump,
  jumpIf,
  load,
  mov32,
  mov64,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R10,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Code } from '../select/code.ts';
import type { Copy } from '../select/copy.ts';
import { afterCall } from '../select/facts.ts';
import type { Located } from '../select/located.ts';
import { guard } from '../select/packet.ts';
import { BUFFER } from '../select/stack.ts';
import { skb } from './context.ts';
import { ethernet } from './ethernet.ts';

const linkHeader = 14;

/** Copies bytes of the frame to the stack; R2 holds their offset from the link header. */
export function copyFrame(code: Code, length: number, stack: number, fail: string): void {
  code.emit(mov64(R1, R6), mov64(R3, R10), add64(R3, stack), mov32(R4, length));
  code.emit(call(helperNumber.skb_load_bytes), jumpIf('ne', R0, 0, fail));
}

/** Bytes of the link header: of the frame, or of the header that nf_tables rebuilds around a tag (fact 18). */
export function locateTcLink(copy: Copy, offset: number, length: number, absent: () => string): Located {
  if (offset + length <= ethernet.addresses) return frameBytes(copy, offset, length, absent);
  return rebuiltBytes(copy, offset, length, absent);
}

/** The frame as it lies there. */
function frameBytes(copy: Copy, offset: number, length: number, absent: () => string): Located {
  const behind = offset - linkHeader;
  if (copy.isSlow) {
    copy.code.emit(mov32(R2, offset));
    copyFrame(copy.code, length, BUFFER, absent());
    copy.facts = afterCall(copy.facts);
    return { kind: 'memory', base: R10, offset: BUFFER };
  }
  guard(copy, 'network', behind + length, absent);
  return { kind: 'memory', base: R7, offset: behind };
}

/** Puts the bytes on the stack, from the frame and from the tag. */
function rebuiltBytes(copy: Copy, offset: number, length: number, absent: () => string): Located {
  const { code } = copy;
  const [plain, done] = [code.fresh('untagged'), code.fresh('link')];
  const fails = absent();
  code.emit(load(4, R1, R6, skb.vlan_present), jumpIf('eq', R1, 0, plain));
  for (const piece of ethernet.rebuilt(offset, length)) {
    if (piece.from === 'frame') {
      code.emit(mov32(R2, piece.offset));
      copyFrame(code, piece.length, BUFFER + piece.at, fails);
    } else tagBytes(code, piece);
  }
  code.emit(jump(done));
  code.label(plain);
  code.emit(mov32(R2, offset));
  copyFrame(code, length, BUFFER, fails);
  code.label(done);
  copy.facts = afterCall(copy.facts);
  return { kind: 'memory', base: R10, offset: BUFFER };
}

const tagFields = { protocol: skb.vlan_proto, tci: skb.vlan_tci, type: skb.protocol } as const;

/** Single bytes of the tag's protocol, its TCI or skb->protocol. Only the TCI is in host order. */
function tagBytes(
  code: Code,
  piece: Extract<ReturnType<typeof ethernet.rebuilt>[number], { from: 'tag' }>,
): void {
  code.emit(load(4, R1, R6, tagFields[piece.field]));
  if (piece.field === 'tci') code.emit(endian('be16', R1));
  ethernet.storeTwo(code, piece);
}
