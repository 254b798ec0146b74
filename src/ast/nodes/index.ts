// All nodes of the AST, from one place.

export type * from './command.ts';
export type * from './declaration.ts';
export type * from './expression.ts';
export type * from './node.ts';
export type * from './statement.ts';
