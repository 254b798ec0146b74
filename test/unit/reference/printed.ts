// What --debug=netlink prints, read back into rules and sets, so that two prints can be compared rule by rule and set by
// set, whatever the order of the commands that made them.

export interface PrintedRule {
  readonly expressions: readonly string[];
  /** Element lines of the anonymous sets printed before the rule, one list a set. */
  readonly sets: readonly (readonly string[])[];
}

export interface PrintedSet {
  /** `name table flags …`, of the declaration. */
  readonly header: string;
  readonly elements: readonly string[];
}

export interface Printed {
  /** By `family table chain`; in the order printed. */
  readonly rules: ReadonlyMap<string, readonly PrintedRule[]>;
  /** Named sets, by `family-number name table`. */
  readonly sets: ReadonlyMap<string, PrintedSet>;
}

const setHeader = /^family (\d+) (\S+) (\S+) ([0-9a-f]+)(.*)$/;
/** A chain that has no name stands for itself as nothing. */
const ruleHeader = /^(?:ip|ip6|inet|arp|bridge|netdev) \S+(?: \S+(?: \d+)*)? ?$/;
const anonymous = /^__(?:set|map|objmap)%d$/;

/** Without user data, which is no part of the register IR. */
export function elementTexts(line: string): readonly string[] {
  return line
    .split('\t')
    .slice(1)
    .map(text => text.replace(/ {2}userdata len \d+ sum 0x[0-9a-f]+$/, ''));
}

const propertyNames = ['timeout', 'gc_interval', 'policy', 'size'];

/** Times that a second declaration does not give are gone; a size stays. The line of elements has no properties, and no flags. */
const timeNames: readonly string[] = ['timeout', 'gc_interval'];

function withProperties(header: string, flags: string, more: string): string {
  const [ownFlags, ...before] = header.split(' ');
  const words = more.trim().split(' ');
  const isElements = flags === '0' && more === '';
  const keptValue = (name: string): string | undefined => {
    const at = words.indexOf(name);
    if (at >= 0) return words[at + 1];
    return isElements || !timeNames.includes(name) ? before[before.indexOf(name) + 1] : undefined;
  };
  const given = propertyNames.flatMap(name => {
    const isKnown = words.includes(name) || before.includes(name);
    const value = isKnown ? keptValue(name) : undefined;
    return value === undefined ? [] : [name, value];
  });
  return [ownFlags, ...given].join(' ');
}

class Reader {
  readonly rules = new Map<string, PrintedRule[]>();
  readonly sets = new Map<string, { header: string; elements: string[] }>();
  #pending: (readonly string[])[] = [];
  #expressions: string[] = [];
  #set: { elements: string[] } | 'anonymous' | undefined;

  line(text: string): void {
    if (text.startsWith('\telement')) this.#elements(elementTexts(text));
    else if (text.startsWith('  [ ')) this.#expressions.push(text.slice(2));
    else if (setHeader.test(text)) this.#header(setHeader.exec(text)!);
    else if (ruleHeader.test(text)) this.#rule(text);
  }

  #header([, family, name, table, flags, rest]: RegExpExecArray): void {
    if (anonymous.test(name!)) {
      this.#set = 'anonymous';
      return;
    }
    const key = `${family} ${name} ${table}`;
    const known = this.sets.get(key) ?? { header: `${flags}${rest}`, elements: [] };
    known.header = withProperties(known.header, flags!, rest!);
    this.sets.set(key, known);
    this.#set = known;
  }

  #elements(texts: readonly string[]): void {
    if (this.#set === 'anonymous') this.#pending.push(texts);
    else this.#set?.elements.push(...texts);
  }

  #rule(text: string): void {
    const key = text.trimEnd().split(' ').slice(0, 3).join(' ');
    this.#expressions = [];
    const rules = this.rules.get(key) ?? [];
    this.rules.set(key, rules);
    rules.push({ expressions: this.#expressions, sets: this.#pending });
    this.#pending = [];
  }
}

export function readPrinted(output: string): Printed {
  const reader = new Reader();
  for (const line of output.split('\n')) reader.line(line);
  return reader;
}
