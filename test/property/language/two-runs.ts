// Two files, loaded one after the other: a ruleset that is there, and commands on it.

import { Draw } from './draw.ts';
import type { Drawn } from './drawn.ts';
import { rule } from './statements.ts';

interface SetForm {
  readonly type: string;
  readonly values: readonly string[];
  readonly ranges: readonly string[];
}

const forms: readonly SetForm[] = [
  {
    type: 'ipv4_addr',
    values: ['10.0.0.1', '10.0.0.2', '10.0.0.7', '10.0.1.0'],
    ranges: ['10.0.0.0/30', '10.0.0.0-10.0.0.9', '10.0.0.8/29', '10.0.1.0/24'],
  },
  { type: 'inet_service', values: ['1', '2', '7', '20'], ranges: ['1-3', '3-7', '8-9', '20-30'] },
  { type: 'mark', values: ['0x1', '2', '3'], ranges: ['0-1', '2-5'] },
];

interface World {
  readonly form: SetForm;
  readonly isInterval: boolean;
  readonly data: string | undefined;
}

function element(draw: Draw, { form, isInterval, data }: World): string {
  const key = isInterval && draw.oneIn(2) ? draw.pick(form.ranges) : draw.pick(form.values);
  const options = draw.maybe(d => d.pick([' comment "c"', ' counter', ' timeout 1h']), 12);
  const value =
    data === undefined
      ? ''
      : ` : ${draw.pick(data === 'verdict' ? ['accept', 'jump other', 'goto c'] : ['1', '2'])}`;
  return `${key}${options}${draw.oneIn(30) ? '' : value}`;
}

const elements = (draw: Draw, world: World): string =>
  `{ ${draw.several(d => element(d, world), ', ', 1, 4)} }`;

function makeWorld(draw: Draw): World {
  const data = draw.oneIn(3) ? draw.pick(['verdict', 'mark']) : undefined;
  return { form: draw.pick(forms), isInterval: draw.oneIn(2), data };
}

function declared(draw: Draw, world: World): string {
  const { form, isInterval, data } = world;
  const flags = [
    isInterval ? 'interval' : '',
    draw.maybe('timeout', 8),
    draw.maybe('constant', 12),
    draw.maybe('dynamic', 12),
  ].filter(Boolean);
  return draw.words(
    `type ${form.type}${data === undefined ? '' : ` : ${data}`};`,
    flags.length === 0 ? '' : `flags ${flags.join(', ')};`,
    draw.maybe('auto-merge;', data === undefined ? 4 : 40),
    draw.maybe(d => `size ${d.pick(['2', '10'])};`, 10),
    draw.maybe('counter;', 12),
    draw.maybe('timeout 1d;', 16),
  );
}

const block = (...items: readonly string[]): string => `{ ${items.filter(Boolean).join(' ')} }`;

/** The ruleset that is there: one table with something of each kind. */
function firstRun(draw: Draw, world: World): string {
  const where = `${draw.family} t`;
  const kind = world.data === undefined ? 'set' : 'map';
  const base = draw.oneIn(3) ? '' : 'type filter hook input priority 0; policy drop;';
  return [
    `table ${where} {`,
    draw.maybe('flags dormant;', 12),
    'chain other { counter packets 5 bytes 10; }',
    'chain second { ip saddr { 1.1.1.1, 2.2.2.2 } jump other; }',
    `chain c ${block(base, 'quota 100 bytes used 5 bytes; limit rate 5/second; jump other;')}`,
    `${kind} s ${block(
      declared(draw, world),
      draw.maybe(d => `elements = ${elements(d, world)};`),
    )}`,
    'counter o { packets 1 bytes 2; }',
    'quota q { 100 bytes used 5 bytes; }',
    draw.maybe(
      `chain user { ${world.form.type === 'ipv4_addr' ? 'ip saddr' : world.form.type === 'mark' ? 'meta mark' : 'tcp dport'} @s accept; }`,
      3,
    ),
    '}',
  ]
    .filter(Boolean)
    .join('\n');
}

const chainNames = ['c', 'other', 'second', 'user', 'new', 'nosuch'];
const handleNames = ['rule', 'chain', 'set', 'counter', 'quota', 'map'];

function command(draw: Draw, world: World): string {
  const where = `${draw.family} t`;
  const chain = draw.pick(chainNames);
  const kind = world.data === undefined ? 'set' : 'map';
  return draw.one(
    d =>
      `${d.pick(['add', 'add', 'create', 'delete', 'delete', 'destroy', 'get', 'reset'])} element ${where} s ${elements(d, world)}`,
    d => `${d.pick(['add', 'add', 'create', 'delete', 'destroy'])} element ${where} s ${elements(d, world)}`,
    d =>
      `${d.pick(['add', 'insert', 'create'])} rule ${where} ${chain} ${d.maybe(e => `${e.pick(['index', 'position', 'handle'])} ${e.below(12)} `)}${d.one('accept', 'counter', 'jump other', 'goto new', () => rule(d))}`,
    d => `replace rule ${where} ${chain} handle ${d.below(14)} ${d.pick(['drop', 'counter', 'jump second'])}`,
    d => `${d.pick(['delete', 'destroy'])} rule ${where} ${chain} handle ${d.below(14)}`,
    d =>
      `${d.pick(['flush', 'delete', 'destroy', 'list', 'reset rules', 'add', 'create'])} chain ${where} ${chain}`,
    d => `${d.pick(['delete', 'destroy'])} ${d.pick(handleNames)} ${where} handle ${d.below(14)}`,
    d => `rename chain ${where} ${chain} ${d.pick(chainNames)}`,
    d =>
      `${d.pick(['flush', 'delete', 'destroy', 'list', 'reset'])} ${d.pick([kind, kind, 'set', 'map'])} ${where} s`,
    d =>
      `${d.pick(['add', 'create'])} ${kind} ${where} s ${block(
        declared(d, world),
        d.maybe(e => `elements = ${elements(e, world)};`),
      )}`,
    d =>
      `reset ${d.pick(['rules', 'counters', 'quotas', `rules ${where}`, `counter ${where} o`, `quota ${where} q`, `rule ${where} c handle ${d.below(14)}`])}`,
    d =>
      `${d.pick(['delete', 'destroy', 'add', 'create'])} ${d.pick(['counter', 'quota'])} ${where} ${d.pick(['o', 'q', 'z'])}${d.maybe(' packets 7 bytes 8', 4)}`,
    d => `${d.pick(['delete', 'destroy', 'flush', 'add', 'create', 'list'])} table ${where}`,
    d =>
      `table ${where} { ${d.maybe('flags dormant; ', 4)}chain ${chain} { ${d.pick(['counter', 'accept', 'policy accept', 'type filter hook input priority 0', 'type filter hook output priority 5'])}; }; }`,
    d => `flush ruleset${d.maybe(` ${d.pick(['ip', 'inet'])}`)}`,
    d =>
      `add rule ${where} ${chain} ${d.pick(['add', 'update', 'delete'])} @s { ${world.form.type === 'ipv4_addr' ? 'ip saddr' : world.form.type === 'mark' ? 'meta mark' : 'tcp dport'}${world.data === undefined || d.oneIn(2) ? '' : ' : 1'} }`,
  );
}

export function drawnTwoRuns(seed: number): Drawn {
  const draw = new Draw(seed);
  draw.family = draw.pick(['ip', 'inet', 'inet']);
  const world = makeWorld(draw);
  const first = firstRun(draw, world);
  const declarations = draw.declarations;
  const second = draw.several(d => command(d, world), '\n', 1, 3);
  const text = [...declarations, second].join('\n');
  // Every fourth in one run, so that the commands find what was made right before.
  if (draw.oneIn(4)) return { text: `${first}\n${text}\n`, subject: `${first}\n${text}` };
  return { before: `${first}\n`, text: `${text}\n`, subject: `${first}\n== then\n${text}` };
}
