// What lifting must know of who writes the nodes.

import type { OutputOptions } from '../../ast/print/options.ts';

/**
 * JSON lists literals in its own way: numbers in decimal, strings without quotes, spans of time in seconds, ends of ranges
 * by name. Matches keep `==` where text leaves it out, and answers of `reject` are in full.
 */
export interface LiftOptions extends OutputOptions {
  readonly format?: 'text' | 'json';
}
