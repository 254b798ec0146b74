# The nft language, as one grammar with a start symbol for each kind of line. A small reader above it (reader/) splits
# a file into lines and blocks and folds element lists and blocks of rules into one token each.
# No logic here: each production names the constructor (build/) that makes its node.
#   `name` in quotes: a keyword or operator;  %name: a class of tokens (terminals.ts).
# Lists are left recursive; nearley's own `:*` and `:+` would be quadratic.

@preprocessor typescript
@lexer lexer
@{%
import { as, first, more, nothing, pass } from '../derivation.ts';
import * as classes from '../terminals.ts';
import { lexer } from '../terminals.ts';
%}

@include "expression.ne"
@include "selector.ne"
@include "statement.ne"
@include "declaration.ne"
@include "command.ne"
