// The path to a place in JSON text, such as `nftables[3].add.rule.expr[0].match.left`: what a person looks for in a text
// that a program wrote on one line.

const tokens = /"(?:[^"\\]|\\[\s\S])*"|[{}[\],]/g;

/** True if a ruleset is JSON: nft text never begins with a brace. */
export function isJson(text: string): boolean {
  return /^\s*\{/.test(text);
}

const stepOf = (step: string | number): string => {
  if (typeof step === 'number') return `[${step}]`;
  return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
};

/**
 * Path of the value or the name that begins at `offset` (UTF-16 code units), else of what it lies in; empty at the root.
 *
 * @example
 * ```ts
 * import { jsonPath, parse } from 'nft2bpf';
 *
 * const text = '{"nftables": [{"add": {"table": {"family": "ipv4", "name": "t"}}}]}';
 * const { diagnostics } = parse(text);
 * console.log(jsonPath(text, diagnostics[0].span.from));
 * // nftables[0].add.table.family
 * ```
 */
export function jsonPath(text: string, offset: number): string {
  const steps: (string | number)[] = [];
  let nameNext = false;
  tokens.lastIndex = 0;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match;
    const last = steps.length - 1;
    const isName = nameNext && token[0] === '"';
    if (match.index > offset || (match.index === offset && !isName)) break;
    if (isName) {
      steps[last] = unquoted(token);
      nameNext = false;
    } else if (token === '{' || token === '[') {
      steps.push(token === '{' ? '' : 0);
      nameNext = token === '{';
    } else if (token === '}' || token === ']') {
      steps.pop();
      nameNext = false;
    } else if (token === ',') {
      const step = steps[last];
      if (typeof step === 'number') steps[last] = step + 1;
      else nameNext = true;
    }
  }
  const path = steps.filter(step => step !== '').map(stepOf);
  return path.join('').replace(/^\./, '');
}

function unquoted(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    return token.slice(1, -1);
  }
}
