// Where each function of an object stands: an entry function in the section that names its type, subprograms in `.text`.

import { type Result, success } from '../btf/result.ts';
import { symbolBinding, symbolType } from './format.ts';
import { type CodeFunction, type ProgramCode, splitFunctions } from './functions.ts';
import { type ImageSymbol, sectionSymbol } from './image.ts';

export interface ElfProgram extends ProgramCode {
  /** Section name, by which loaders know the program's type: `xdp`, `tc`, `netfilter` ... */
  readonly section: string;
}

export interface PlacedFunction extends CodeFunction {
  readonly section: string;
  /** Bytes from the start of the section. */
  readonly offset: number;
  readonly symbol: ImageSymbol;
  readonly isEntry: boolean;
  /** All functions of the same program, as `LocalReference.callee` counts them. */
  readonly program: readonly PlacedFunction[];
}

export const textSection = '.text';
/** Subprograms are local to the object, so calls to them go by section and offset. */
export const textSymbol: ImageSymbol = sectionSymbol(textSection);

/** The functions of all programs. Within a section they stand in the order of the result. */
export function placeFunctions(programs: readonly ElfProgram[]): Result<PlacedFunction[]> {
  const used = new Map<string, number>();
  const placed: PlacedFunction[] = [];
  for (const program of programs) {
    const functions = splitFunctions(program);
    if (!functions.ok) return functions;
    const siblings: PlacedFunction[] = [];
    functions.value.forEach((code, index) => {
      const section = index === 0 ? program.section : textSection;
      const offset = used.get(section) ?? 0;
      used.set(section, offset + code.code.length);
      const symbol = functionSymbol(code, section, offset, index === 0);
      siblings.push({ ...code, section, offset, symbol, isEntry: index === 0, program: siblings });
    });
    placed.push(...siblings);
  }
  return success(placed);
}

function functionSymbol(code: CodeFunction, section: string, value: number, isEntry: boolean): ImageSymbol {
  const binding = isEntry ? symbolBinding.global : symbolBinding.local;
  return { name: code.name, section, value, size: code.code.length, binding, type: symbolType.function };
}
