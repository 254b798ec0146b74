// Objects of whole rulesets: libbpf loads them as they are, llvm-objdump reads the instructions that `disassemble` prints,
// and the kernel, asked where its instructions come from, shows lines of the ruleset.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { disassemble } from '../../src/bpf-asm/disassemble.ts';
import { readElf } from '../../src/bpf-asm/elf/read.ts';
import { toElf } from '../../src/lower/output/elf.ts';
import type { Program, Target } from '../../src/lower/program.ts';
import { type Translation, translate } from '../../src/translate.ts';
import { shellOutput } from '../support/private-bpffs.ts';
import { isMissing } from '../support/requirements.ts';
import { devices, edge, host, listedLines, ruleLines } from './linum.ts';

const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-linum-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Subject {
  readonly name: string;
  readonly text: string;
  readonly target: Target;
  readonly programs: readonly string[];
}

const ofDevices: readonly Subject[] = [
  { name: 'edge', text: edge, target: 'tc', programs: ['ingress'] },
  { name: 'edge', text: edge, target: 'xdp', programs: ['ingress'] },
  { name: 'devices', text: devices, target: 'tc', programs: ['ingress_1', 'ingress_2', 'egress'] },
];
const ofAllHooks: readonly Subject[] = [
  ...ofDevices,
  { name: 'host', text: host, target: 'netfilter', programs: ['input_0'] },
];

function translated({ name, text, target }: Subject, optimize = true): Translation {
  const names = { interfaces: { lo: 1, wan0: 2 } };
  const result = translate({ name: `${name}.nft`, text }, { target, names, optimize });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result;
}

/** Writes the objects; the value is their names. */
function saveObjects(translation: Translation): readonly string[] {
  const { ok, objects, diagnostics } = toElf(translation);
  if (!ok) throw new Error(JSON.stringify(diagnostics));
  for (const { name, bytes } of objects) writeFileSync(join(folder, `${name}.o`), bytes);
  return objects.map(({ name }) => name);
}

/** Lines of a listing by slot. */
function rowsOf(listing: string): Map<number, string> {
  const rows = [...listing.matchAll(/^ +(\d+):\t(.*)$/gm)];
  return new Map(rows.map(([, slot, text]) => [Number(slot), text!]));
}

describe.skipIf(isMissing('objdump'))('llvm-objdump', () => {
  /** Texts of the instructions of each function, in order. */
  function objdump(name: string): Map<string, string[]> {
    const options = ['-d', '--no-show-raw-insn', `${name}.o`];
    const listing = execFileSync('llvm-objdump-19', options, { cwd: folder, encoding: 'utf8' });
    const functions = listing.split(/^[0-9a-f]{16} <(.+)>:$/m).slice(1);
    const names = functions.filter((_, index) => index % 2 === 0);
    return new Map(names.map((of, index) => [of, [...rowsOf(functions[2 * index + 1]!).values()]]));
  }

  /** The object's own code, where references are as the format wants them. */
  function ownListing(name: string): Map<string, string[]> {
    const object = readElf(readFileSync(join(folder, `${name}.o`)));
    if (!object.ok) throw new Error(object.failure.message);
    return new Map(
      object.value.functions.map(({ name: of, code, relocations }) => {
        const origins = new Int32Array(code.length / 8).fill(-1);
        return [of, [...rowsOf(disassemble({ name: of, code, relocations, origins })).values()]];
      }),
    );
  }

  /** What a loader or the object's format fills in: references, and calls of subprograms, which lie in .text there. */
  function isFilledIn(program: Program, slot: number): boolean {
    const isLocalCall = program.code[slot * 8] === 0x85 && program.code[slot * 8 + 1]! >> 4 === 1;
    return isLocalCall || program.relocations.some(({ index }) => index === slot);
  }

  it.each(ofAllHooks)('reads what `disassemble` prints: $name on $target', subject => {
    for (const optimize of [true, false]) {
      const translation = translated(subject, optimize);
      expect(saveObjects(translation)).toEqual(subject.programs);
      for (const program of translation.programs) {
        const theirs = objdump(program.name);
        const main = theirs.get(program.name)!;
        expect(main.length).toBeGreaterThan(20);
        expect(ownListing(program.name)).toEqual(theirs);
        // Before it became an object, the same but for what is filled in; subprograms lie behind.
        const ours = [...rowsOf(disassemble(program))].slice(0, main.length);
        ours.forEach(([slot, text], index) => {
          if (!isFilledIn(program, slot)) expect(text).toBe(main[index]);
        });
      }
    }
  });
});

describe.skipIf(isMissing('root', 'bpftool', 'vmlinux'))('bpftool', () => {
  it.each(ofDevices)('loads the objects, and shows lines of the ruleset: $name on $target', subject => {
    const names = saveObjects(translated(subject));
    const dump = shellOutput(
      names
        .map(
          name => `bpftool prog load ${name}.o /sys/fs/bpf/p_${name}
          bpftool prog dump xlated pinned /sys/fs/bpf/p_${name} linum`,
        )
        .join('\n'),
      folder,
    );
    const listed = listedLines(dump);
    const lines = subject.text.split('\n');
    for (const { text, file, line, column } of listed) {
      expect([file, text]).toEqual([`${subject.name}.nft`, lines[line - 1]?.trim()]);
      // A column is that of a statement: text begins there.
      expect(lines[line - 1]?.slice(column - 1)).toMatch(/^[a-z@{]/);
    }
    const seen = new Set(listed.map(({ line }) => line));
    expect(ruleLines(subject.text).filter(line => !seen.has(line))).toEqual([]);
  });

  it.each(ofDevices)('loads the objects that are not optimised: $name on $target', subject => {
    const names = saveObjects(translated(subject, false));
    const script = names.map(name => `bpftool prog load ${name}.o /sys/fs/bpf/p_${name}`).join('\n');
    expect(shellOutput(script, folder)).toBe('');
  });
});
