// The kernel's verifier as an oracle: does a translation load, maps and all? Programs that were seen before are not
// loaded again, since the same instructions on the same maps get the same answer.

import { createHash } from 'node:crypto';
import type { Btf } from '../../src/bpf-asm/btf/read.ts';
import type { MapDefinition } from '../../src/bpf-asm/map-spec.ts';
import { loadTranslation, type System } from '../../src/loader/index.ts';
import type { BpfMap, Program } from '../../src/lower/program.ts';

export interface Emitted {
  readonly programs: readonly Program[];
  readonly maps: readonly BpfMap[];
}

/** What the verifier looks at; the sets' contents are none of its business, but must go into the maps too. */
function fingerprint({ target, code, relocations }: Program, maps: readonly MapDefinition[]): string {
  const hash = createHash('sha1').update(target).update(code);
  hash.update(JSON.stringify(relocations));
  for (const { type, keySize, valueSize, maxEntries, flags, keys, values } of maps) {
    hash
      .update(JSON.stringify([type, keySize, valueSize, maxEntries, flags]))
      .update(keys)
      .update(values);
  }
  return hash.digest('hex');
}

const shownLines = 25;

export class Verifier {
  private readonly system: System;
  private readonly btf: Btf;
  private readonly accepted = new Set<string>();
  /** Programs that were loaded. */
  loaded = 0;

  constructor(system: System, btf: Btf) {
    this.system = system;
    this.btf = btf;
  }

  /** What the kernel has against a translation: the end of the verifier's log. Undefined if it takes all of it. */
  refusal({ programs, maps }: Emitted): string | undefined {
    const open = programs.filter(program => !this.accepted.has(this.keyOf(program, maps)));
    if (open.length === 0) return undefined;
    const names = new Set(open.flatMap(({ relocations }) => relocations.map(({ name }) => name)));
    const used = maps.filter(({ name }) => names.has(name));
    const result = loadTranslation(this.system, open, used, this.btf);
    if (!result.ok) {
      const { message, log = message } = result.error;
      return log.split('\n').slice(-shownLines).join('\n');
    }
    result.value.close();
    this.loaded += open.length;
    for (const program of open) this.accepted.add(this.keyOf(program, maps));
    return undefined;
  }

  private keyOf(program: Program, maps: readonly BpfMap[]): string {
    const names = new Set(program.relocations.filter(({ kind }) => kind === 'map').map(({ name }) => name));
    return fingerprint(
      program,
      maps.filter(({ name }) => names.has(name)),
    );
  }
}
