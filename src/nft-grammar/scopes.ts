// Words that are keywords where they stand. The grammar takes a scoped word as a plain one anywhere; nft's scanner does
// not while the word's scope is the innermost open one. Scopes are opened by keywords and closed by the parser, which
// may have to read one token further to know that it can: that token is still inside.

import { type Branch, type Derivation, isBranch, isLeaf, type Leaf } from './derivation.ts';
import { scopedWords, type WordScope, words } from './words.ts';

const wordSets: ReadonlyMap<WordScope, ReadonlySet<number>> = new Map(
  Object.entries(scopedWords).map(([scope, texts]) => [
    scope as WordScope,
    new Set(texts.map(text => words.get(text)!.kind)),
  ]),
);

/** Productions that are a scope from their first keyword to their end. */
const scopeOfProduction: Readonly<Record<string, WordScope>> = {
  log: 'log',
  nat: 'nat',
  tproxy: 'tproxy',
  queue: 'queue',
  queueTo: 'queue',
  dup: 'dup',
  fwd: 'fwd',
  fwdVia: 'fwd',
  synproxy: 'synproxy',
  counter: 'counter',
  limit: 'limit',
  quota: 'quota',
  connlimit: 'ct',
  last: 'last',
  assignCt: 'ct',
};

const scopeOfKeyword: Readonly<Record<string, WordScope>> = {
  counter: 'counter',
  limit: 'limit',
  quota: 'quota',
  secmark: 'secmark',
  synproxy: 'synproxy',
  tunnel: 'tunnel',
  ct: 'ct',
  meta: 'meta',
  reset: 'reset',
  list: 'list',
};

/** Productions whose first word says what scope they open. */
const openedByHead: ReadonlySet<string> = new Set([
  'objectReference',
  'assignMeta',
  'declare',
  'declareObject',
  'declareCt',
  'deleteObject',
  'deleteCt',
  'inspect',
  'listObject',
  'plain',
  'resetObject',
]);

/** Values that nft takes in spite of their being keywords where they stand. */
const allowedSymbols: ReadonlySet<string> = new Set(['original', 'reply', 'label']);

const headText = (branch: Branch): string => {
  const [head] = branch.children;
  return isLeaf(head ?? null) ? (head as Leaf).text : '';
};

/** The scope that a branch opens, if any. */
function openedScope(branch: Branch): WordScope | undefined {
  const { name } = branch;
  if (name === 'reject') return rejectScope(branch);
  if (name === 'blockHeader') return scopeOfKeyword[headText(branch.children[0] as Branch)];
  return openedByHead.has(name) ? scopeOfKeyword[headText(branch)] : scopeOfProduction[name];
}

const rejectScope = (branch: Branch): WordScope => (branch.children[3] ? 'type' : 'reject');

/** The scope that reaches over the token behind a selector, because nft must see that to know what it has read. */
function trailingScope(selector: Derivation): WordScope | undefined {
  if (!isBranch(selector)) return undefined;
  if (selector.name === 'tcpOption') return 'tcp';
  if (selector.name === 'sctpChunk') return 'sctp_chunk';
  if (selector.name === 'ct') return 'ct';
  if (selector.name !== 'meta') return undefined;
  if (headText(selector) === 'meta') return 'meta';
  return headText(selector) === 'ipsec' ? 'ipsec' : undefined;
}

/** The last selector of a left-hand side: what stands directly before a right-hand side. */
function lastSelector(derivation: Derivation): Derivation {
  let current = derivation;
  while (isBranch(current) && ['concat', 'operation', 'first', 'more'].includes(current.name)) {
    current = current.children[current.children.length - 1] ?? null;
  }
  return current;
}

function firstLeaf(derivation: Derivation): Leaf | undefined {
  if (derivation === null || isLeaf(derivation)) return derivation ?? undefined;
  for (const child of derivation.children) {
    const leaf = firstLeaf(child);
    if (leaf) return leaf;
  }
  return undefined;
}

/** Branches whose only leaf is a plain word. */
const plainBranches: ReadonlySet<string> = new Set(['symbol', 'name', 'text']);

/** The first plain word of a derivation that nft would take for a keyword. */
export function misreadWord(
  derivation: Derivation,
  scope: WordScope | undefined = undefined,
): Leaf | undefined {
  if (!isBranch(derivation)) return undefined;
  if (plainBranches.has(derivation.name)) return isMisread(derivation, scope);
  const inner = openedScope(derivation) ?? scope;
  for (const child of derivation.children) {
    const leaf = misreadWord(child, inner);
    if (leaf) return leaf;
  }
  if (derivation.name === 'jhash') return misreadModulus(derivation);
  return derivation.name === 'match' ? misreadAfterSelector(derivation) : undefined;
}

function isMisread(branch: Branch, scope: WordScope | undefined): Leaf | undefined {
  const leaf = branch.children[0] as Leaf;
  if (scope === undefined || leaf.text === '' || leaf.text === 'last') return undefined;
  if (branch.name === 'symbol' && allowedSymbols.has(leaf.text)) return undefined;
  return wordSets.get(scope)!.has(leaf.kind) ? leaf : undefined;
}

/** `mod` is plain where nft has not yet closed the scope of what is hashed. */
function misreadModulus(hash: Branch): Leaf | undefined {
  const hashed = hash.children[1] ?? null;
  const selector = lastSelector(hashed);
  const isOpen = isBranch(selector) && isOpenEnded(selector);
  return isOpen || isUnclosed(hashed) ? (hash.children[2] as Leaf) : undefined;
}

/** The scopes of `tunnel`, and of `type` inside of a tunnel (`gre icmp type`), are not closed before the hash ends. */
function isUnclosed(derivation: Derivation): boolean {
  if (!isBranch(derivation)) return false;
  const { name, children } = derivation;
  return name === 'tunnel' || (name === 'inner' && hasType(children)) || children.some(isUnclosed);
}

const hasType = (derivations: readonly Derivation[]): boolean =>
  derivations.some(each => (isBranch(each) ? hasType(each.children) : each?.text === 'type'));

function isOpenEnded({ name, children }: Branch): boolean {
  if (name === 'tcpOption' || name === 'ipOption') return (children[3] ?? null) === null;
  const chunk = children[2] ?? null;
  return name === 'sctpChunk' && isBranch(chunk) && (chunk.children[1] ?? null) === null;
}

function misreadAfterSelector(match: Branch): Leaf | undefined {
  const scope = trailingScope(lastSelector(match.children[0] ?? null));
  if (scope === undefined || match.children[1] !== null) return undefined;
  const leaf = firstLeaf(match.children[2] ?? null);
  if (leaf === undefined || leaf.text === '' || allowedSymbols.has(leaf.text)) return undefined;
  return wordSets.get(scope)!.has(leaf.kind) ? leaf : undefined;
}
