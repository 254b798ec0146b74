// A program as a person reads it: instructions as llvm-objdump prints them, each group under the source lines that it
// was made from.

import { disassembleLines } from '../../bpf-asm/disassemble.ts';
import type { SourceFile, Span } from '../../source/span.ts';
import type { Attach, Program } from '../program.ts';
import { Places } from './places.ts';

const netfilterHooks = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Where a program belongs, in words: `netfilter ip input priority 0`. */
export function attachText(attach: Attach): string {
  switch (attach.target) {
    case 'xdp':
      return `xdp device ${attach.device}`;
    case 'tc':
      return `tc ${attach.direction} device ${attach.device}`;
    case 'netfilter': {
      const family = attach.pf === 2 ? 'ip' : 'ip6';
      return `netfilter ${family} ${netfilterHooks[attach.hook] ?? attach.hook} priority ${attach.priority}`;
    }
    case 'cgroup_skb':
      return `cgroup_skb ${attach.direction}`;
  }
}

/** The source of a span on one line, and where it stands: `edge.nft:12: tcp dport 22 drop`. */
export function placeText(span: Span, places: Places): string {
  const name = places.fileName(span);
  if (name === undefined) return '';
  return `${name}:${places.from(span).line}: ${places.text(span).replace(/\s+/g, ' ').trim()}`;
}

/**
 * `files` are those that `translate` returned with the program.
 *
 * @example
 * ```ts
 * import { listing, translate } from 'nft2bpf';
 *
 * const text = 'table netdev t { chain c { type filter hook ingress device "eth0" priority 0; drop; }; }';
 * const { programs, sources } = translate(text, { target: 'xdp' });
 * for (const program of programs) console.log(listing(program, sources));
 * // ingress: xdp device eth0
 * //        0:	r7 = *(u32 *)(r1 + 0x0)
 * //        1:	r5 = *(u32 *)(r1 + 0x4)
 * //        2:	r7 += 0xe
 * //        3:	if r7 > r5 goto +0x9 <ingress+0x68>
 * //        4:	r2 = *(u16 *)(r7 - 0x2)
 * //        5:	if w2 == 0x81 goto +0x3 <ingress+0x48>
 * //        6:	if w2 == 0xa888 goto +0x2 <ingress+0x48>
 * // ; <input>:1: drop
 * //        7:	w0 = 0x1
 * //        8:	exit
 * //        9:	r1 = r7
 * //       10:	r1 += 0x6
 * //       11:	if r1 > r5 goto +0x1 <ingress+0x68>
 * //       12:	goto -0x6 <ingress+0x38>
 * //       13:	w0 = 0x2
 * //       14:	exit
 * ```
 */
export function listing(program: Program, files: readonly SourceFile[]): string {
  const lines = [`${program.name}: ${program.attach.map(attachText).join(', ')}`];
  const places = new Places(files);
  const texts = program.spans.map(span => placeText(span, places));
  let shown: number | undefined;
  for (const line of disassembleLines(program)) {
    if (line.origin !== undefined && line.origin !== shown) lines.push(`; ${texts[line.origin] ?? ''}`);
    shown = line.origin ?? shown;
    const reference = line.reference === undefined ? '' : `\t; ${line.reference.kind} ${line.reference.name}`;
    lines.push(`${String(line.slot).padStart(8)}:\t${line.text}${reference}`);
  }
  return `${lines.join('\n')}\n`;
}
