// All constructors by the name the grammar calls them.

import { commandConstructors } from './commands.ts';
import type { Constructor } from './compiler.ts';
import { definitionConstructors } from './definitions.ts';
import { elementConstructors } from './elements.ts';
import { expressionConstructors } from './expressions.ts';
import { logConstructors } from './log.ts';
import { nameConstructors } from './names.ts';
import { objectConstructors } from './objects.ts';
import { propertyConstructors } from './properties.ts';
import { redirectionConstructors } from './redirection.ts';
import { referenceConstructors } from './references.ts';
import { selectorConstructors } from './selectors.ts';
import { stateSelectorConstructors } from './state-selectors.ts';
import { statefulConstructors } from './stateful.ts';
import { statementConstructors } from './statements.ts';

export const constructors: ReadonlyMap<string, Constructor> = new Map([
  ...nameConstructors,
  ...expressionConstructors,
  ...selectorConstructors,
  ...stateSelectorConstructors,
  ...statefulConstructors,
  ...referenceConstructors,
  ...statementConstructors,
  ...logConstructors,
  ...redirectionConstructors,
  ...elementConstructors,
  ...propertyConstructors,
  ...objectConstructors,
  ...commandConstructors,
  ...definitionConstructors,
]);
