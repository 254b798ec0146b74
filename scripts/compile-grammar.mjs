// Compiles src/nft-grammar/grammar/nft.ne with nearley to src/nft-grammar/generated/grammar.ts (not committed), and
// refuses a grammar with a cycle of productions that can be empty: an Earley parser would not come to an end in it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const nearley = require('nearley');
const compile = require('nearley/lib/compile');
const generate = require('nearley/lib/generate');
const bootstrapped = require('nearley/lib/nearley-language-bootstrapped');

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'nft-grammar');
const source = join(folder, 'grammar', 'nft.ne');

function compileGrammar() {
  const parser = new nearley.Parser(nearley.Grammar.fromCompiled(bootstrapped));
  parser.feed(readFileSync(source, 'utf8'));
  return compile(parser.results[0], { args: [source], alreadycompiled: [], version: 'nearley' });
}

/** Names of nonterminals that can be empty. */
function nullableNames(rules) {
  const nullable = new Set();
  for (let before = -1; before !== nullable.size; ) {
    before = nullable.size;
    for (const rule of rules) if (rule.symbols.every(symbol => nullable.has(symbol))) nullable.add(rule.name);
  }
  return nullable;
}

/** Throws if a nonterminal derives itself with nothing else around it. */
function refuseCycles(rules) {
  const nullable = nullableNames(rules);
  const next = new Map();
  for (const { name, symbols } of rules) {
    symbols.forEach((symbol, at) => {
      if (typeof symbol !== 'string') return;
      const alone = symbols.every((other, index) => index === at || nullable.has(other));
      if (alone) next.set(name, [...(next.get(name) ?? []), symbol]);
    });
  }
  for (const start of next.keys()) {
    const seen = new Set();
    const queue = [...next.get(start)];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      if (name === start) throw new Error(`grammar: ${start} derives itself`);
      if (!seen.has(name)) queue.push(...(next.get(name) ?? []));
      seen.add(name);
    }
  }
}

/** Throws if a nonterminal is used and not defined: nearley leaves that to run time. */
function refuseUndefined(rules) {
  const defined = new Set(rules.map(rule => rule.name));
  for (const { name, symbols } of rules) {
    for (const symbol of symbols) {
      if (typeof symbol === 'string' && !defined.has(symbol))
        throw new Error(`grammar: ${name} uses ${symbol}`);
    }
  }
}

/** Throws if a production names no constructor: nearley would then give an array. */
function refuseUnnamed(rules) {
  const bare = rules.find(rule => !rule.postprocess && !rule.name.includes('$ebnf'));
  if (bare) throw new Error(`grammar: a production of ${bare.name} names no constructor`);
}

const compiled = compileGrammar();
refuseCycles(compiled.rules);
refuseUndefined(compiled.rules);
refuseUnnamed(compiled.rules);
const text = generate(compiled, 'grammar')
  // Classes of tokens are typed values, not names that a lexer might know.
  .replace(/\(lexer\.has\("(\w+)"\) \? \{type: "\1"\} : \1\)/g, 'classes.$1')
  .replace(/^declare var \w+: any;\n/gm, '');
const nullable = `
/** The nonterminals that can be empty, found here because each start of the command line would wait for it. */
export const nullable: readonly string[] = ${JSON.stringify([...nullableNames(compiled.rules)])};
`;
mkdirSync(join(folder, 'generated'), { recursive: true });
writeFileSync(join(folder, 'generated', 'grammar.ts'), text + nullable);
