// The codes that the sources give to diagnostics and other failures, found in their syntax: the arguments for parameters
// named `code`, properties `code` of object literals, and the members of the union types of codes. A code that is put
// together at run time would escape, so it counts as unreadable.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../src/', import.meta.url));

/** The command writes plain messages besides the library's diagnostics. */
const isLibrary = (path: string): boolean => path.endsWith('.ts') && !path.startsWith('cli/');

export interface FoundCodes {
  /** Each code, and where it is given first (`file:line`). */
  readonly codes: ReadonlyMap<string, string>;
  /** Places of codes that are no literals. */
  readonly unreadable: readonly string[];
}

/** Of each function, by its name, and method, by `.name`: at which indexes it takes a code. */
type Takers = Map<string, Set<number>>;

interface Scanned {
  readonly file: ts.SourceFile;
  /** Functions and methods that the file declares: they hide those of other files. */
  readonly declared: Takers;
}

/** Not of the other things called `code`: `Code` (instructions in the making), `Uint8Array`, numbers. */
const isCodeType = (text: string): boolean =>
  text === 'string' || /^'|\w+Code$|\['code'\]$/.test(text.trim());

function nameOf(node: ts.SignatureDeclaration): string | undefined {
  if (ts.isFunctionDeclaration(node)) return node.name?.text;
  if (ts.isMethodDeclaration(node)) return `.${node.name.getText()}`;
  if (ts.isConstructorDeclaration(node)) return node.parent.name?.text;
  const isConstant = ts.isArrowFunction(node) && ts.isVariableDeclaration(node.parent);
  return isConstant ? node.parent.name.getText() : undefined;
}

function isLocal(node: ts.SignatureDeclaration): boolean {
  const has = (kind: ts.SyntaxKind): boolean =>
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(modifier => modifier.kind === kind);
  if (ts.isMethodDeclaration(node)) return has(ts.SyntaxKind.PrivateKeyword);
  return !ts.isConstructorDeclaration(node) && !has(ts.SyntaxKind.ExportKeyword);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, child => walk(child, visit));
}

function add(takers: Takers, name: string, indexes: readonly number[]): void {
  takers.set(name, new Set([...(takers.get(name) ?? []), ...indexes]));
}

function scan(path: string, shared: Takers): Scanned {
  const text = readFileSync(root + path, 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const declared: Takers = new Map();
  walk(file, node => {
    if (!ts.isFunctionLike(node)) return;
    const name = nameOf(node);
    if (name === undefined) return;
    const indexes = node.parameters.flatMap((parameter, index) =>
      parameter.name.getText() === 'code' && isCodeType(parameter.type?.getText() ?? '') ? [index] : [],
    );
    add(declared, name, indexes);
    if (!isLocal(node)) add(shared, name, indexes);
  });
  return { file, declared };
}

function calleeOf({ expression }: ts.CallExpression | ts.NewExpression): string {
  return ts.isPropertyAccessExpression(expression) ? `.${expression.name.text}` : expression.getText();
}

/** Expressions that give a code in `file`. */
function* given({ file, declared }: Scanned, shared: Takers): Generator<ts.Expression> {
  const found: ts.Expression[] = [];
  walk(file, node => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'code') found.push(node.initializer);
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
    const callee = calleeOf(node);
    for (const index of declared.get(callee) ?? shared.get(callee) ?? []) {
      const argument = node.arguments?.[index];
      if (argument !== undefined) found.push(argument);
    }
  });
  yield* found;
}

/** The literals of a union type of codes. */
function membersOf(node: ts.Node): readonly ts.StringLiteral[] {
  const isUnion =
    (ts.isTypeAliasDeclaration(node) && /\wCode$/.test(node.name.text)) ||
    (ts.isPropertySignature(node) && node.name.getText() === 'code');
  if (!isUnion || node.type === undefined) return [];
  const types = ts.isUnionTypeNode(node.type) ? node.type.types : [node.type];
  return types.flatMap(type =>
    ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal] : [],
  );
}

/** The literals that `expression` may be; `undefined` if it may be something else. */
function literalsOf(expression: ts.Expression): readonly ts.StringLiteral[] | undefined {
  if (ts.isStringLiteral(expression)) return [expression];
  if (!ts.isConditionalExpression(expression)) return undefined;
  const [yes, no] = [literalsOf(expression.whenTrue), literalsOf(expression.whenFalse)];
  return yes && no && [...yes, ...no];
}

export function findCodes(): FoundCodes {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isLibrary);
  const shared: Takers = new Map();
  const files = paths.sort().map(path => scan(path, shared));
  const codes = new Map<string, string>();
  const unreadable: string[] = [];
  for (const scanned of files) {
    const { file } = scanned;
    const placeOf = (node: ts.Node): string =>
      `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    const take = (literal: ts.StringLiteral): void => {
      if (!codes.has(literal.text)) codes.set(literal.text, placeOf(literal));
    };
    walk(file, node => membersOf(node).forEach(take));
    for (const expression of given(scanned, shared)) {
      const literals = literalsOf(expression);
      if (literals !== undefined) literals.forEach(take);
      else if (mayBeComposed(expression)) unreadable.push(`${placeOf(expression)} ${expression.getText()}`);
    }
  }
  return { codes, unreadable };
}

/** What is passed on (`code`, `error.code`, `...error`) is given a name elsewhere; text made here is not. */
function mayBeComposed(expression: ts.Expression): boolean {
  let composed = false;
  walk(expression, node => {
    if (ts.isTemplateExpression(node) || ts.isStringLiteral(node)) composed = true;
  });
  return composed;
}
