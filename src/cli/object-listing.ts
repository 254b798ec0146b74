// An object file as text: its maps and, under their source lines, the instructions of its functions.

import { disassembleLines } from '../bpf-asm/disassemble.ts';
import { type ObjectFunction, type ObjectMap, readElf } from '../bpf-asm/elf/index.ts';
import { FileError } from './files.ts';

function mapLine({ name, section, definition }: ObjectMap): string {
  const numbers = Object.entries(definition).map(([key, value]) => `${key} ${value}`);
  return `map ${name} (${section}) ${numbers.join(', ')}\n`.replace(/ +\n/, '\n');
}

function functionListing({ name, section, code, relocations, lines }: ObjectFunction): string {
  const sources = new Map(
    lines.map(line => [line.slot, `; ${line.file}:${line.line}: ${line.text.trim()}\n`]),
  );
  const assembled = { name, code, relocations, origins: new Int32Array(code.length / 8).fill(-1) };
  const body = disassembleLines(assembled).map(({ slot, text, reference }) => {
    const note = reference === undefined ? '' : `\t; ${reference.kind} ${reference.name}`;
    return `${sources.get(slot) ?? ''}${String(slot).padStart(8)}:\t${text}${note}\n`;
  });
  return `${name} (${section}):\n${body.join('')}`;
}

/** The listing of the object that `name` holds. */
export function objectListing(name: string, bytes: Uint8Array): string {
  const object = readElf(bytes);
  if (!object.ok) throw new FileError(`${name}: ${object.failure.message}`);
  const { maps, functions } = object.value;
  return [maps.map(mapLine).join(''), ...functions.map(functionListing)].filter(Boolean).join('\n');
}
