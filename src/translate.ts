// The whole way, stage after stage: text, commands, typed ruleset, register IR, assembly, machine code.

import type { EvaluateOptions } from './ast/type/options.ts';
import { type AssemblyError, assemble } from './bpf-asm/assemble.ts';
import type { CpuVersion, KernelVersion } from './bpf-asm/isa.ts';
import { readIr } from './front.ts';
import type { IrRuleset } from './lower/linear/ir.ts';
import { lower } from './lower/lower.ts';
import { resolve } from './lower/output/resolve.ts';
import type { Translated } from './lower/output/translated.ts';
import type { LoweredProgram, Program, Target } from './lower/program.ts';
import type { ParseOptions, SourceInput } from './nft-grammar/options.ts';
import { type Diagnostic, hasFailure } from './source/diagnostic.ts';
import { isJson } from './source/json-path.ts';
import type { SourceFile } from './source/span.ts';
import { translatePart } from './translate-part.ts';

/** What `translate` may be told. Everything that depends on a machine is here; nothing is read from the one it runs on. */
export interface TranslateOptions extends ParseOptions, EvaluateOptions {
  /** `auto` takes the first target that is exact for each base chain (docs/hooks.md). Any other is refused unless exact. */
  readonly target?: 'auto' | Target;
  /** Linux version of the target machine; default 6.18. What it lacks is refused. */
  readonly kernel?: KernelVersion;
  /** Level of the BPF instruction set, 1 to 4; default 4. */
  readonly cpu?: CpuVersion;
  /** BTF of the target machine's kernel (its /sys/kernel/btf/vmlinux): resolves kernel structures and functions now. */
  readonly vmlinux?: Uint8Array;
  /**
   * What becomes of `log`: `ring-buffer` (default) writes a record for each packet to a BPF ring buffer and warns that nothing
   * appears in the kernel log or at nfnetlink_log; `refuse` refuses the statement. The same goes for `meta nftrace set`.
   */
  readonly log?: 'ring-buffer' | 'refuse';
  /**
   * What becomes of base chains that cannot be programs. `nothing` (default): the whole ruleset is refused. `refused`: they
   * stay in nf_tables, with those that are bound to them, and `remainder` is the ruleset that nft is to load.
   */
  readonly leave?: 'nothing' | 'refused';
  /** Default true. Without, each test is emitted as written. */
  readonly optimize?: boolean;
}

/** `ok` is false, and there are no programs, if anything in the ruleset is an error or was refused. */
export interface Translation extends Translated {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

const defaultKernel: KernelVersion = [6, 18];

/**
 * Translates a ruleset into programs that decide every packet as nf_tables would, or says what stands in the way. Never
 * throws on input: what is wrong is in `diagnostics`, with its place.
 *
 * @example
 * ```ts
 * import { translate } from 'nft2bpf';
 *
 * const { ok, programs, diagnostics } = translate(`
 *   table netdev filter {
 *     chain ingress {
 *       type filter hook ingress device "eth0" priority 0; policy accept;
 *       ip saddr 192.0.2.1 tcp dport 22 drop
 *     }
 *   }`, { target: 'xdp' });
 * console.log(ok, programs.map(({ name, attach }) => `${name} ${attach[0]?.target}`), diagnostics);
 * // true [ 'ingress xdp' ] []
 * ```
 */
export function translate(source: SourceInput, options: TranslateOptions = {}): Translation {
  return translateStages(source, options).translation;
}

/** A translation with the register IR it was made from; no IR if the front half found errors. */
export interface TranslatedStages {
  readonly ir?: IrRuleset;
  readonly translation: Translation;
}

/** `translate` for those who also want what lies between. */
export function translateStages(source: SourceInput, options: TranslateOptions = {}): TranslatedStages {
  const { ok, ir, sources, diagnostics } = readIr(source, options);
  if (!ok) return { translation: { ok: false, programs: [], maps: [], sources, diagnostics } };
  const leaves = options.leave === 'refused';
  const back = leaves
    ? translatePart(ir, options, translateIr, ownText(sources, options))
    : translateIr(ir, options);
  return { ir, translation: { ...back, sources, diagnostics: [...diagnostics, ...back.diagnostics] } };
}

/** The ruleset as it was written, if it is nft text in one file, and all of it. */
function ownText(
  [file, ...more]: readonly SourceFile[],
  { before, format }: TranslateOptions,
): string | undefined {
  if (file === undefined || more.length > 0 || before !== undefined) return undefined;
  return format === 'json' || isJson(file.text) ? undefined : file.text;
}

/** The back half: register IR to programs. */
export function translateIr(ir: IrRuleset, options: TranslateOptions = {}): Omit<Translation, 'sources'> {
  const kernel = options.kernel ?? defaultKernel;
  const lowered = lower(ir, { ...options, kernel });
  const assembled = lowered.programs.map(program => assembleProgram(program, { ...options, kernel }));
  const programs = assembled.flatMap(result => result.programs);
  const resolved =
    options.vmlinux === undefined ? { programs, diagnostics: [] } : resolve(programs, options.vmlinux);
  const diagnostics = [lowered, ...assembled, resolved].flatMap(result => result.diagnostics);
  if (hasFailure(diagnostics)) return { ok: false, programs: [], maps: [], diagnostics };
  return { ok: true, programs: resolved.programs, maps: lowered.maps, diagnostics };
}

/**
 * The kernel makes up to nine instructions of a look-up in a per-CPU array, and several of a load from a context or, with
 * bpf_jit_harden, of a constant: a short jump still reaches if all that it spans becomes seven times as long.
 */
const shortReach = 0x7fff >> 3;

interface AssembleProgramResult {
  /** One, or none if it cannot be assembled for the machine. */
  readonly programs: readonly Program[];
  readonly diagnostics: readonly Diagnostic[];
}

function assembleProgram(
  { assembly, ...rest }: LoweredProgram,
  options: Pick<TranslateOptions, 'cpu' | 'kernel'>,
): AssembleProgramResult {
  const result = assemble(assembly, { ...options, shortReach });
  if (!result.ok)
    return { programs: [], diagnostics: result.errors.map(error => assemblyDiagnostic(error, rest.spans)) };
  return { programs: [{ ...rest, ...result.program }], diagnostics: [] };
}

/** The rule is named by the place that the failing instruction was made from. */
function assemblyDiagnostic(error: AssemblyError, spans: LoweredProgram['spans']): Diagnostic {
  const span = error.origin === undefined ? undefined : spans[error.origin];
  return { code: error.code, severity: 'refusal', message: error.message, ...(span && { span }) };
}
