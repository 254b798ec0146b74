// What the reference takes and what it calls a syntax error, where the two are easily confused. Each line was tried on
// nft 1.1.7; reference.test.ts tries them again where nft is there.

/** Lines of a chain. */
export const takenLines: readonly string[] = [
  'ip saddr 1.1.1.1',
  'ip saddr 1.1.1.1\\\naccept',
  'ip saddr \\\n # a comment\n 1.1.1.1',
  'jump { accept; }',
  'jump {\n accept\n drop\n}',
  'ip saddr 1.1.1.1 jump { counter; } accept',
  'tcp dport vmap { 22:accept, 1:drop }',
  'tcp dport { 22, 23\n, 24 }',
  'tcp dport { 22,, 23, }',
  'tcp flags syn / syn,ack',
  'tcp flags != syn / syn,ack',
  'tcp flags & (syn|ack) == syn',
  'tcp flags & syn|ack == syn',
  'tcp flags ! syn',
  'ct state not established',
  'meta mark set (meta mark & 1) | 2',
  'meta priority set ab:cd accept',
  'meta mark 010',
  'limit rate 5mbytes/second',
  'limit rate 5/second accept',
  'quota 5 mbytes',
  'last used never',
  'log flags tcp sequence,options flags ip options',
  'ct event set new,label',
  'log prefix "a\nb"',
  'reject with icmp host-unreachable',
  'numgen inc mod 2 vmap { 0 : accept, 1 : drop }',
  'meter m size 10 { ip saddr timeout 5s counter } accept',
  '@th,16,16 { 22, 80 }',
  'tcp option @5,8,8 3',
  'srh sid[1] ::1',
  'ip6 saddr [::1]',
  'ip6 daddr 1:2:3:4:5:6:7:8',
  'ip6 daddr ::ffff:1.2.3.4',
  'iifname eth*',
  '( ip saddr ) 1.1.1.1',
  'accept comment foo',
  'comment "the chain, not a rule"',
  'tcp dport 1 accept;;\n ; drop',
];

/** Lines of a chain that are syntax errors. */
export const refusedLines: readonly string[] = [
  'foo drop',
  'accept }',
  'jump { accept }',
  'quota 5mbytes',
  'tcp flags syn / syn',
  'tcp flags & syn,ack == syn',
  'ip saddr 1.1.1.1/255.255.255.0',
  'ip saddr 10.0.0.0/8-11.0.0.0/8',
  'ip saddr \\ \n 1.1.1.1',
  'tcp dport { }',
  'tcp dport { ,22 }',
  'tcp dport { 22,\n\n 23 }',
  'tcp dport { 22; 23 }',
  'tcp dport { 22\n counter }',
  'tcp dport vmap { 1:ade}',
  'ip6 daddr 1::2::3',
  'iifname *',
  'accept comment "x" drop',
  'log prefix level',
  'log flags tcp sequence, ip options',
  'ct state helper',
  'ct event set helper',
  'sctp chunk sack tsn 1',
  'reject with icmp type $x',
  'add @s {\n ip saddr }',
  '0x10 == meta mark',
  'ip saddr.ip daddr { 1.1.1.1 . 2.2.2.2 }',
  'redirect to :993 fully-random persistent',
  'timeout 5s',
];

/** Whole files. */
export const takenFiles: readonly string[] = [
  'table ip t { chain c { accept; }; }\n',
  'table ip t { chain c { accept; }\n}',
  'table ip t { set s { type ipv4_addr; auto-merge flags interval; elements = { 1.1.1.1 } flags interval; }\n}',
  'table ip t { set s { type ipv4_addr; elements = {\n# c\n 1.1.1.1, # d\n# e\n 2.2.2.2\n# f\n} }\n}',
  'table ip t { set s { type ipv4_addr; flags timeout; elements = { 1.1.1.1 timeout never } }\n}\n',
  'table ip t { counter foo { packets 1 bytes 2 comment "x" }\n}',
  'table ip t { counter s { define x = 5; packets 1 bytes 2; }\n}\n',
  'table ip t { synproxy s { mss 1460\n wscale 7\n timestamp sack-perm\n}\n}\n',
  'table ip t { ct timeout h { protocol tcp; policy = { established : 100, close : 5s }; l3proto ip; }\n}\n',
  'define a = { }\n',
  'define a = -5\n',
  'define last = 1\n',
  'define packets = 1\n',
  'define a = 1\ntable ip t { redefine a = 2\nchain c { meta mark $a\n}\n}\n',
  'undefine a\n',
  'add table t; add chain t c; t c accept\n',
  'table ip 1.2.3.4 { }\n',
  'table ip foo/bar { }\n',
  'flush ruleset; flush ruleset',
  'describe ip saddr\n',
];

/** Whole files that are syntax errors. */
export const refusedFiles: readonly string[] = [
  'table ip t { chain c { accept } }\n',
  'table ip t { chain c { accept; } }\n',
  'table ip t { chain c { }\n}\nflush ruleset # no newline',
  'flush ruleset\r\n',
  'table ip t { set s { type ipv4_addr; elements = { } }\n}',
  'table ip t { set s { type ipv4_addr; timeout 60; }\n}\n',
  'table ip t { counter packets { }\n}',
  'table ip t { ct helper h { type "ftp" protocol tcp; l3proto ip }\n}\n',
  'define a = accept\n',
  'define a = ip saddr\n',
  'define a = 1',
  'define a = { \n }\n',
  'add rule ip t c\n',
  'table ip "foo" { }\n',
  'table ip 5 { }\n',
  'table ip t {\n chain c {\n type filter hook input priority -10 policy accept;\n}\n}\n',
  'table netdev t {\n chain c {\n type filter hook ingress devices = { lo,\n "lo" } priority 0\n}\n}\n',
];

/** A line in a chain of a table that has what the lines refer to. */
export const inChain = (line: string): string => `table inet t {
 set s { type ipv4_addr; flags dynamic; }
 chain c { type filter hook input priority 0;
${line}
}
}
`;
