// libnftables JSON (libnftables-json(5), schema 1) to the commands that nft text gives. One error a command is
// reported. nft's table of what may stand where is followed, and its
// meanings; where nft goes on without something that was said, this says so or refuses.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { SourceFile } from '../../source/span.ts';
import type { Command } from '../nodes/index.ts';
import { attempt, fail } from '../type/failure.ts';
import { readCommand } from './read/commands.ts';
import { Fields, Reading, requireItems, requireObject } from './read/reading.ts';
import { scanJson } from './scan.ts';
import type { JsonValue } from './value.ts';

/** The newest schema that there is. */
const schemaVersion = 1n;

export interface ReadJsonResult {
  readonly commands: readonly Command[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the whole text; commands with errors in them are left out. */
export function readJson(file: SourceFile): ReadJsonResult {
  const reading = new Reading();
  const { diagnostics } = reading;
  const root = attempt(diagnostics, () => scanJson(file, diagnostics));
  if (root === undefined) return { commands: [], diagnostics };
  const commands = attempt(diagnostics, () => readDocument(reading, root)) ?? [];
  return { commands, diagnostics };
}

function readDocument(reading: Reading, root: JsonValue): readonly Command[] {
  const items = requireItems(new Fields(reading, root, ['nftables']).require('nftables'));
  return items.flatMap(item => attempt(reading.diagnostics, () => readItem(reading, item)) ?? []);
}

function readItem(reading: Reading, item: JsonValue): readonly Command[] {
  reading.begin();
  const object = requireObject(item);
  const metainfo = object.members.get('metainfo');
  if (metainfo === undefined) return [readCommand(reading, object)];
  checkVersion(new Fields(reading, metainfo, ['version', 'release_name', 'json_schema_version']));
  return [];
}

function checkVersion(fields: Fields): void {
  const version = fields.optionalNumber('json_schema_version');
  if (version !== undefined && version.value > schemaVersion)
    fail(
      'unsupported-schema',
      `the newest schema that is known is ${schemaVersion}, not ${version.value}`,
      version.span,
    );
}
