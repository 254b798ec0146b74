// Commands: a verb and an object, or an object by itself, as listings have them, which is added.

import type { Command } from '../../nodes/index.ts';
import type { JsonObject } from '../value.ts';
import { addition, readAddition, readPlacement } from './additions.ts';
import { addable } from './headings.ts';
import { onlyMember, type Reading, requireKind, type Subject } from './reading.ts';
import { readFlush, readList, readRemoval, readRename, readReset } from './references.ts';

type VerbReader = (reading: Reading, verb: string, subject: Subject) => Command;

const verbs: Readonly<Record<string, VerbReader>> = {
  add: readAddition,
  create: readAddition,
  insert: readPlacement,
  replace: readPlacement,
  delete: readRemoval,
  destroy: readRemoval,
  flush: readFlush,
  rename: readRename,
  reset: readReset,
  list: readList,
};

export function readCommand(reading: Reading, value: JsonObject): Command {
  const only = onlyMember(value);
  const { span } = value;
  if (Object.hasOwn(verbs, only.name))
    return { ...verbs[only.name]!(reading, only.name, onlyMember(only.value)), span };
  requireKind(only, [...addable, ...Object.keys(verbs)], 'a command or an object');
  return { ...addition(reading, 'add', only, true), span };
}
