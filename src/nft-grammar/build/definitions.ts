// Lines that define names and include files.

import type { Expression, Name, TextLiteral } from '../../ast/nodes/index.ts';
import { type Constructor, keyword, tokenOf } from './compiler.ts';

export type DefinitionLine =
  | {
      readonly kind: 'define';
      readonly verb: 'define' | 'redefine';
      readonly name: Name;
      readonly value: Expression;
    }
  | { readonly kind: 'undefine'; readonly name: Name }
  | { readonly kind: 'include'; readonly path: TextLiteral };

const define: Constructor = (branch, compiler) => {
  const verb = keyword(branch.children[0]) as 'define' | 'redefine';
  const name = compiler.build<Name>(branch.children[1]);
  const value = compiler.build<Expression>(branch.children[3]);
  return (view): DefinitionLine => ({ kind: 'define', verb, name: name(view), value: value(view) });
};

const undefine: Constructor = (branch, compiler) => {
  const name = compiler.build<Name>(branch.children[1]);
  return (view): DefinitionLine => ({ kind: 'undefine', name: name(view) });
};

const include: Constructor = branch => {
  const token = tokenOf(branch.children[1]);
  return (view): DefinitionLine => {
    const text = view.text(token).slice(1, -1);
    return { kind: 'include', path: { kind: 'text', text, span: view.span(token, token) } };
  };
};

export const definitionConstructors: readonly (readonly [string, Constructor])[] = [
  ['define', define],
  ['undefine', undefine],
  ['include', include],
];
