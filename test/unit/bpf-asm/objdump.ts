// llvm as the oracle: machine code through llvm-objdump, assembly text through llvm-mc. The bytes reach objdump as `.byte`
// lines, so that no writer of ours takes part.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function inDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'bpf-asm-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function assembleText(directory: string, source: string, options: readonly string[]): string {
  const input = join(directory, 'in.s');
  const output = join(directory, 'out.o');
  writeFileSync(input, source);
  execFileSync('llvm-mc-19', ['--triple=bpfel', '--filetype=obj', ...options, input, '-o', output]);
  return output;
}

function byteLines(code: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < code.length; at += 8) lines.push(`.byte ${[...code.subarray(at, at + 8)].join(',')}`);
  return lines.join('\n');
}

/** The instruction column of `llvm-objdump -d`, by slot. `name` is the symbol in front of the code. */
export function objdump(
  code: Uint8Array,
  name: string,
  options: readonly string[] = [],
): Map<number, string> {
  return inDirectory(directory => {
    const source = `.text\n.globl ${name}\n.type ${name},@function\n${name}:\n${byteLines(code)}\n.size ${name}, .-${name}\n`;
    const object = assembleText(directory, source, []);
    const out = execFileSync('llvm-objdump-19', ['-d', '--no-show-raw-insn', ...options, object], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const lines = [...out.matchAll(/^ *(\d+):\t(.*)$/gm)];
    return new Map(lines.map(([, slot, text]) => [Number(slot), text!]));
  });
}

/** What llvm's assembler makes of these lines. */
export function llvmAssemble(lines: readonly string[]): Uint8Array {
  return inDirectory(directory => {
    const object = assembleText(directory, `.text\n${lines.join('\n')}\n`, ['--mcpu=v4']);
    const text = join(directory, 'text');
    execFileSync('llvm-objcopy-19', ['-O', 'binary', '--only-section=.text', object, text]);
    return new Uint8Array(readFileSync(text));
  });
}
