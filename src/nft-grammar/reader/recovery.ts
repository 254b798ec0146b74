// A block whose first line is wrong is still read, so that the errors in it are reported in the same run.

import type { Name, TableReference } from '../../ast/nodes/index.ts';
import type { BlockObject } from '../build/commands.ts';
import { wordTexts } from '../words.ts';
import { readBlock } from './blocks.ts';
import type { LineContext } from './brace.ts';
import type { Line } from './line.ts';
import type { LineReader } from './line-reader.ts';

const objects: ReadonlySet<string> = new Set([
  'table',
  'chain',
  'set',
  'map',
  'flowtable',
  'counter',
  'quota',
  'limit',
  'secmark',
  'synproxy',
  'tunnel',
]);
const ctObjects: ReadonlySet<string> = new Set(['helper', 'timeout', 'expectation']);

/** What the block would have been, by the first words of its line. */
function objectOf(line: Line): BlockObject {
  const words = [0, 1, 2].map(at => wordTexts[line.kindAt(at)] ?? '');
  const object = words.find(word => objects.has(word));
  if (object !== undefined) return object as BlockObject;
  const ctObject = words.find(word => ctObjects.has(word));
  return ctObject === undefined ? 'chain' : (`ct ${ctObject}` as BlockObject);
}

/** Reads the block for its errors and forgets it. */
export function skipBlock(reader: LineReader, line: Line, context: LineContext): void {
  const span = reader.spanOf(line.fromAt(0), line.toAt(line.length - 1));
  const name: Name = { kind: 'name', text: '', span };
  const table: TableReference = { kind: 'table_reference', family: 'inet', name, span };
  const object = objectOf(line);
  // A table cannot stand in a table: its block is read as the chain it could have been.
  readBlock(reader, context === 'table' && object === 'table' ? 'chain' : object, { table, name, span });
}
