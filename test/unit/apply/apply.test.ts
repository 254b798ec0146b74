// What commands leave behind, against the reference: the same command lists are accepted and refused, and the same
// tables, chains, rules, sets and objects are there in the end.

import { describe, expect, it } from 'vitest';
import { applyCommands } from '../../../src/ast/apply/apply.ts';
import type { TypedRuleset } from '../../../src/ast/type/typed.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { hasFailure } from '../../../src/source/diagnostic.ts';
import { loadWithNft } from '../../support/nft.ts';
import { isMissing } from '../../support/requirements.ts';

const chainsOfDepth = (depth: number): string =>
  Array.from({ length: depth }, (_, index) => `chain c${index} { jump c${index + 1}; }`).join('\n');

/** Each is one command list; lines are commands. */
const lists: readonly string[] = [
  // tables
  'add table ip t',
  'create table ip t\ncreate table ip t',
  'add table ip t\nadd table ip t',
  'delete table ip t',
  'destroy table ip t',
  'table ip t { chain c { }; }\ndelete table ip t\nadd chain ip t c',
  'table ip t { flags dormant; }\nadd table ip t',
  'table ip t { flags dormant; }',
  'table ip t { flags foo; }',
  'table ip t { }\ntable ip6 t { }\ntable inet u { }\nflush ruleset ip6',
  'table ip t { chain c { drop; }; }\nflush ruleset',
  'table ip t { chain c { drop; }; set s { type mark; elements = { 1 }; }; }\nflush table ip t',
  'flush table ip t',
  'add table ip t\ndelete table ip handle 1',
  // chains
  'add chain ip t c',
  'add table ip t\nadd chain ip t c\nadd chain ip t c',
  'create table ip t\ncreate chain ip t c\ncreate chain ip t c',
  'add table ip t\nadd chain ip t c { type filter hook input priority 0; }\nadd chain ip t c { type filter hook input priority 1; }',
  'add table ip t\nadd chain ip t c { type filter hook input priority 0; }\nadd chain ip t c { type filter hook output priority 0; }',
  'add table ip t\nadd chain ip t c { type filter hook input priority 0; }\nadd chain ip t c { type nat hook input priority 0; }',
  'add table ip t\nadd chain ip t c { type filter hook input priority 0; }\nadd chain ip t c { type filter hook input priority 0; policy drop; }\nadd chain ip t c',
  'add table ip t\nadd chain ip t c { type filter hook input priority 0; policy drop; }\nadd chain ip t c { policy accept; }',
  'add table ip t\nadd chain ip t c\nadd chain ip t c { type filter hook input priority 0; }',
  'add table ip t\nadd chain ip t c { policy drop; }',
  'table ip t { chain c { type filter hook input priority filter - 5; policy drop; }; chain c { type filter hook input priority -5; }; }',
  'table ip t { chain c { type filter hook ingress priority 0; }; }',
  'table ip t { chain c { type route hook input priority 0; }; }',
  'table ip t { chain c { type filter hook input device lo priority 0; }; }',
  'table ip t { chain c { type filter hook input priority dstnat; }; }',
  'table bridge t { chain c { type filter hook output priority out + 3; }; }',
  'table ip t { chain c { type nat hook prerouting priority -200; }; }',
  'table netdev t { chain c { type filter hook ingress device lo priority 0; }; }\nadd chain netdev t c { type filter hook ingress device dummy0 priority 0; }',
  'define D = { lo, "dummy0" }\ntable netdev t { chain c { type filter hook ingress devices = $D priority 5; }; }',
  'table netdev t { chain c { type filter hook ingress devices = { lo, dummy0 } priority 0; }; }\ndelete chain netdev t c { devices = { lo }; }',
  'table netdev t { chain c { type filter hook ingress device lo priority 0; }; }\ndelete chain netdev t c { devices = { dummy0 }; }',
  'define P = -10\ntable ip t { chain c { type filter hook input priority $P; }; }',
  'define P = "filter - 10"\ntable ip t { chain c { type filter hook input priority $P; }; }',
  'table ip t { chain c { drop; }; chain d { jump c; }; }\ndelete chain ip t c',
  'table ip t { chain c { drop; }; chain d { jump c; }; }\ndelete chain ip t d\ndelete chain ip t c',
  'table ip t { chain c { drop; }; chain d { jump c; }; }\nflush chain ip t d\ndelete chain ip t c',
  'table ip t { chain c { drop; }; }\ndelete chain ip t d',
  'table ip t { chain c { drop; }; }\ndestroy chain ip t d',
  'table ip t { chain c { drop; }; }\nrename chain ip t c d',
  'table ip t { chain c { drop; }; chain d { }; }\nrename chain ip t c d',
  'flush chain ip t c',
  'table ip t { chain c { counter; }; chain c { drop; }; }',
  // jumps
  'add table ip t\nadd chain ip t c\nadd rule ip t c jump d\nadd chain ip t d',
  'table ip t { chain c { jump d; }; chain d { }; }',
  'table ip t { chain c { jump d; }; chain d { jump c; }; }',
  'table ip t { chain b { type filter hook input priority 0; jump c; }; chain c { jump d; }; chain d { jump c; }; }',
  'table ip t { chain b { type filter hook input priority 0; goto c; }; chain c { goto c; }; }',
  'table ip t { chain c { type filter hook input priority 0; jump c; }; }',
  'table ip t { chain c { jump d; }; chain d { type filter hook input priority 0; }; }',
  'table ip t { chain c { ip saddr vmap { 1.1.1.1 : jump d }; }; }',
  'table ip t { map m { type ipv4_addr : verdict; elements = { 1.1.1.1 : jump d }; }; }',
  'table ip t { map m { type ipv4_addr : verdict; elements = { 1.1.1.1 : jump d }; }; chain d { }; }\ndelete chain ip t d',
  'table ip t { map m { type ipv4_addr : verdict; elements = { 1.1.1.1 : jump d }; }; chain d { }; }\nflush map ip t m\ndelete chain ip t d',
  'table ip t { map m { type ipv4_addr : verdict; elements = { 1.1.1.1 : jump d }; }; chain d { ip saddr vmap @m; }; chain b { type filter hook input priority 0; jump d; }; }',
  `table ip t { chain b { type filter hook input priority 0; jump c0; }\n${chainsOfDepth(14)}\nchain c14 { drop; }; }`,
  `table ip t { chain b { type filter hook input priority 0; jump c0; }\n${chainsOfDepth(15)}\nchain c15 { drop; }; }`,
  `table ip t { chain b { type filter hook input priority 0; jump c14; jump c0; }\n${chainsOfDepth(15)}\nchain c15 { drop; }; }`,
  // rules
  'add rule ip t c drop',
  'add table ip t\nadd rule ip t c drop',
  'add table ip t\nadd chain ip t c\nadd rule ip t c drop\ninsert rule ip t c accept',
  'add table ip t\nadd chain ip t c\nadd rule ip t c index 0 drop',
  'add table ip t\nadd chain ip t c\nadd rule ip t c drop\ninsert rule ip t c index 0 accept\nadd rule ip t c index 1 counter',
  'add table ip t\nadd chain ip t c\nadd rule ip t c drop\ninsert rule ip t c index 1 accept',
  'add table ip t\nadd chain ip t c\nadd rule ip t c drop\nadd rule ip t c handle 2 counter\ndelete rule ip t c handle 2',
  'add table ip t\nadd chain ip t c\nadd rule ip t c drop\nreplace rule ip t c handle 2 accept',
  'add table ip t\nadd chain ip t c\nadd rule ip t c drop\nreplace rule ip t c handle 3 accept',
  'table ip t { counter x { }; set s { type mark; }; chain c { drop; }; }\ndelete rule ip t c handle 4',
  'table ip t { counter x { }; set s { type mark; }; chain c { drop; }; }\ndelete rule ip t c handle 5',
  // sets
  'table ip t { chain c { ip saddr @s; }; set s { type ipv4_addr; }; }',
  'add table ip t\nadd chain ip t c\nadd rule ip t c ip saddr @s\nadd set ip t s { type ipv4_addr; }',
  'table ip t { chain c { ip saddr @s; }; set s { type ipv4_addr; }; }\ndelete set ip t s',
  'table ip t { chain c { ip saddr @s; }; set s { type ipv4_addr; }; }\nflush chain ip t c\ndelete set ip t s',
  'table ip t { set s { type ipv4_addr; }; }\ntable ip t { set s { type ipv4_addr; flags interval; }; }',
  'table ip t { set s { type ipv4_addr; }; }\ntable ip t { set s { type ipv4_addr; size 5; }; }',
  'table ip t { set s { type ipv4_addr; }; }\ntable ip t { set s { type ipv4_addr; timeout 5s; }; }',
  'table ip t { set s { type ipv4_addr; }; }\ntable ip t { set s { type inet_service; }; }',
  'table ip t { set s { type ipv4_addr; size 5; }; }\ntable ip t { set s { type ipv4_addr; policy memory; }; }',
  'table ip t { set s { type ipv4_addr; timeout 5s; }; }\ntable ip t { set s { type ipv4_addr; flags timeout; }; }',
  'table ip t { set s { type ipv4_addr; flags dynamic; }; }\ntable ip t { set s { type ipv4_addr; }; }',
  'table ip t { set s { type ipv4_addr; }; }\ntable ip t { set s { type ipv4_addr; flags dynamic; }; }',
  'table ip t { set s { type ipv4_addr; counter; }; }\ntable ip t { set s { type ipv4_addr; }; }',
  'table ip t { set s { type ipv4_addr; flags interval; auto-merge; }; }\ntable ip t { set s { type ipv4_addr; flags interval; }; }',
  'table ip t { set s { type ipv4_addr; gc-interval 5s; }; }',
  'table ip t { set s { type ipv4_addr; flags constant,timeout; }; }',
  'table ip t { set s { type ipv4_addr; flags constant,dynamic; }; }',
  'table ip t { set s { type ipv4_addr; flags constant; timeout 5s; }; }',
  'table ip t { set s { type ipv4_addr; flags interval,dynamic; }; }',
  'table ip t { map m { type ipv4_addr : counter; flags dynamic; }; }',
  'table ip t { set s { type ipv4_addr; flags timeout; gc-interval 5s; }; }',
  'table ip t { set s { type ipv4_addr; }; }\ntable ip t { map s { type ipv4_addr : mark; }; }',
  'table ip t { set s { type ipv4_addr; }; set s { type ipv4_addr; }; }',
  'table ip t { set s { type ipv4_addr; }; counter s { }; chain s { }; quota s { 5 mbytes; }; }',
  'add element ip t s { 1.1.1.1 }',
  'add table ip t\nadd element ip t s { 1.1.1.1 }',
  'table ip t { set s { type ipv4_addr; }; }\nadd element ip t s { 1.1.1.1 }\nflush set ip t s',
  'flush set ip t s',
  'table ip t { set s { type ipv4_addr; }; }\ndelete set ip t s\ndelete set ip t s',
  'table ip t { set s { type ipv4_addr; }; }\ndestroy set ip t s\ndestroy set ip t s',
  // objects
  'table ip t { counter c { packets 5 bytes 6; }; }\ntable ip t { counter c { packets 7 bytes 6; }; }',
  'table ip t { counter c { }; }\ncreate counter ip t c',
  'table ip t { counter c { }; chain x { counter name c; }; }\ndelete counter ip t c',
  'table ip t { counter c { }; chain x { counter name c; }; }\ndelete chain ip t x\ndelete counter ip t c',
  'table ip t { chain x { counter name c; }; }',
  'table ip t { quota c { 5 mbytes; }; chain x { counter name c; }; }',
  'delete counter ip t c',
  'add table ip t\ndestroy counter ip t c',
];

interface Entry {
  readonly table?: { readonly family: string; readonly name: string; readonly flags?: unknown };
  readonly chain?: {
    readonly family: string;
    readonly table: string;
    readonly name: string;
    readonly hook?: string;
    readonly prio?: number;
    readonly policy?: string;
    readonly dev?: string | readonly string[];
  };
  readonly rule?: { readonly family: string; readonly table: string; readonly chain: string };
  readonly set?: { readonly family: string; readonly table: string; readonly name: string };
  readonly map?: Entry['set'];
  readonly counter?: Entry['set'];
  readonly quota?: Entry['set'];
}

/** What is there, as sorted lines; a rule is a line without its contents. */
function inventory(json: string): readonly string[] {
  const entries = (JSON.parse(json) as { readonly nftables: readonly Entry[] }).nftables;
  const lines = entries.flatMap(({ table, chain, rule, set, map, counter, quota }) => {
    if (table !== undefined)
      return [`table ${table.family} ${table.name}${table.flags === undefined ? '' : ' dormant'}`];
    if (chain !== undefined) {
      const devices = [chain.dev ?? []].flat().sort().join();
      const base = chain.hook === undefined ? '' : ` ${chain.hook} ${chain.prio} ${chain.policy} ${devices}`;
      return [`chain ${chain.family} ${chain.table} ${chain.name}${base}`];
    }
    if (rule !== undefined) return [`rule ${rule.family} ${rule.table} ${rule.chain}`];
    const other = set ?? map ?? counter ?? quota;
    return other === undefined ? [] : [`other ${other.family} ${other.table} ${other.name}`];
  });
  return [...lines].sort();
}

function ourInventory(ruleset: TypedRuleset): readonly string[] {
  const lines = ruleset.tables.flatMap(({ family, name, dormant, chains, sets, objects }) => {
    const at = `${family} ${name}`;
    return [
      `table ${at}${dormant ? ' dormant' : ''}`,
      ...chains.flatMap(chain => {
        const { base } = chain;
        const facts =
          base === undefined
            ? ''
            : ` ${base.hook} ${base.priority} ${base.policy} ${[...base.devices].sort().join()}`;
        return [`chain ${at} ${chain.name}${facts}`, ...chain.rules.map(() => `rule ${at} ${chain.name}`)];
      }),
      ...sets.filter(set => !set.name.startsWith('__')).map(set => `other ${at} ${set.name}`),
      ...objects.map(object => `other ${at} ${object.name}`),
    ];
  });
  return [...lines].sort();
}

describe.skipIf(isMissing('root', 'nft'))('command lists as the reference takes them', () => {
  it.each(lists)('%s', list => {
    const answer = loadWithNft(`${list}\n`);
    const parsed = parse(`${list}\n`);
    const applied = applyCommands(parsed.commands);
    const { ruleset } = applied;
    const diagnostics = [...parsed.diagnostics, ...applied.diagnostics];
    expect(
      hasFailure(diagnostics),
      `${answer.stderr}${diagnostics.map(each => each.message).join('\n')}`,
    ).toBe(!answer.ok);
    if (answer.ok) expect(ourInventory(ruleset)).toEqual(inventory(answer.stdout));
    for (const { span } of diagnostics) expect(span).toBeDefined();
  });
});

/** The kernel of most test machines has no flowtables: from nft_flowtable_update and nft_delflowtable_hook. */
describe('a flowtable', () => {
  const table = 'table ip t { flowtable f { hook ingress priority 0; devices = { lo, eth0 }; }; }';
  const outcome = (command: string): unknown => {
    const { ruleset, diagnostics } = applyCommands(parse(`${table}\n${command}\n`).commands);
    const [flowtable] = ruleset.tables[0]!.flowtables;
    const { devices, counter } = flowtable ?? {};
    return diagnostics.length > 0 ? diagnostics.map(({ code }) => code) : [devices, counter];
  };

  it.each([
    ['add flowtable ip t f { devices = { eth0, eth1 }; }', [['lo', 'eth0', 'eth1'], false]],
    ['add flowtable ip t f { counter; }', [['lo', 'eth0'], true]],
    ['add flowtable ip t f { hook ingress priority 1; }', ['flowtable-differs']],
    ['add flowtable ip t f { flags offload; }', ['flowtable-differs']],
    ['add flowtable ip t f { devices = { interface-name-16 }; }', ['name-too-long']],
    ['delete flowtable ip t f { devices = { lo }; }', [['eth0'], false]],
    ['delete flowtable ip t f { devices = { eth1 }; }', ['unknown-device']],
    ['destroy flowtable ip t f { devices = { lo }; }', [undefined, undefined]],
    ['delete flowtable ip t f', [undefined, undefined]],
  ])('%s', (command, expected) => {
    expect(outcome(command)).toEqual(expected);
  });
});
