// The help texts. They are the command's documentation: README shows them, a test compares both.

export const commandNames = ['compile', 'ir', 'disasm', 'check', 'run', 'fmt', 'print', 'batch'] as const;
export type CommandName = (typeof commandNames)[number];

const rulesetHelp = `
names of the machine (by default those of the running system):
  --interface NAME=INDEX   an interface and its index (repeatable)
  --user NAME=UID          a user (repeatable)
  --group NAME=GID         a group (repeatable)

the machine that will run the programs:
  --kernel VERSION         its kernel, e.g. 6.12 (default 6.18)
  --cpu LEVEL              its BPF instruction set, v1 to v4 (default: what the kernel has)
  --vmlinux FILE           its BTF, e.g. /sys/kernel/btf/vmlinux: resolves kernel structures and functions now
  --log WAY                log statements: ring-buffer (default, records for a reader of yours) or refuse
  --no-optimize            emit each test as written

  --time-limit SECONDS     what takes longer ends with an error (default 300)
`;

export const overview = `nft2bpf translates nftables rulesets into eBPF programs that decide every packet as nf_tables does.

usage: nft2bpf COMMAND [OPTION]... FILE          (FILE may be -, the standard input)

  compile FILE             programs, as ELF objects, raw instructions or JSON
  ir FILE                  the register bytecode that nf_tables would run, as nft --debug=netlink prints it
  disasm FILE|OBJECT       the programs' instructions, under the rules they come from
  check FILE               which base chains and rules are exact on which targets, and why others are not
  run FILE                 packets through the programs: verdict, rules that matched, counters
  fmt FILE                 the same text with its blanks and lines in order
  print FILE               the ruleset as nft list ruleset would show it, had nft loaded it
  batch                    requests from the standard input, one JSON line each; answers likewise, in their order

  nft2bpf COMMAND --help   the options of a command
  nft2bpf --version        the version

exit status: 0 done (warnings too), 1 errors or refusals in the input, 2 wrong usage
`;

export const commandHelp: Readonly<Record<CommandName, string>> = {
  compile: `usage: nft2bpf compile FILE [--target T] [--format F] [-o OUT] [--leave refused --remainder FILE]

  --target T               auto (default), xdp, tc, netfilter or cgroup_skb
  --format F               elf (default), raw (one program's instructions) or json (the manifest)
  -o, --output OUT         a file; a directory if there are several objects; - is the standard output
                           (default: the file's name with .o, .bin or .json in the current directory)
  --leave refused          base chains that cannot be programs stay in nf_tables, with those that are bound to them
  --remainder FILE         what stays, as text for nft -f
${rulesetHelp}`,
  ir: `usage: nft2bpf ir FILE
${rulesetHelp}`,
  disasm: `usage: nft2bpf disasm FILE|OBJECT [--target T]

  --target T               auto (default), xdp, tc, netfilter or cgroup_skb
${rulesetHelp}`,
  check: `usage: nft2bpf check FILE [--json]

  --json                   one JSON document instead of text
${rulesetHelp}`,
  run: `usage: nft2bpf run FILE --packet HEX ... | --pcap FILE

  --packet HEX             a packet as hex digits (repeatable)
  --pcap FILE              the packets of a capture
  --hook FAMILY/HOOK       which hook they arrive at, e.g. inet/input (default: the ruleset's only one)
  --from l2|l3             whether they begin with an Ethernet header (default) or with the IP header (at ingress and egress
                           they then get an Ethernet header with blank addresses)
  --meta KEY=VALUE         what belongs to the packet but is not in it: iifname, oifname, iif, oif, mark, pkttype (repeatable)
  --ct state=STATE         its connection tracking state: new, established, related, invalid or untracked
  --target T               auto (default), xdp, tc or netfilter
  --json                   one JSON line a packet instead of text

State (counters, limits, sets) lasts over the packets.
${rulesetHelp}`,
  fmt: `usage: nft2bpf fmt FILE [--write | --check] [--indent N]

Comments, definitions, includes and the layout of element lists stay as they are. The formatted text is printed.

  --write                  put it in the file's place instead
  --check                  print nothing; exit status 1 if the file is not formatted
  --indent N               N blanks for each block around a line, instead of a tab
`,
  print: `usage: nft2bpf print FILE [-jnsSuypTt]

  -j, --json               libnftables JSON, as nft -j lists it
  -n, --numeric            everything as numbers
  -s, --stateless          counters, quotas and the like without what they have counted
  -S, --service            ports by the names of services
  -u, --guid               users and groups by name
  -y, --numeric-priority   priorities as numbers
  -p, --numeric-protocol   transport protocols as numbers
  -T, --numeric-time       times in seconds
  -t, --terse              sets without their elements
  -a, --handle             with the handles that the kernel gives in a namespace without tables
${rulesetHelp}`,
  batch: `usage: nft2bpf batch

  {"id": 1, "op": "compile", "ruleset": "table ip t { ... }", "options": {"target": "netfilter"}}      a request
  {"id": 1, "ok": true, "diagnostics": [], "output": {"format": "nft2bpf", ...}}                       its answer

op is ir, compile, check, run or print. Nothing is read from the machine: options has what a request needs. What is no
request gets an answer with "id": null. docs/embedding.md has all members.

for requests whose options do not say:
  --kernel VERSION         the kernel of the machine that will run the programs, e.g. 6.12 (default 6.18)
  --cpu LEVEL              its BPF instruction set, v1 to v4 (default: what the kernel has)
  --vmlinux FILE           its BTF, e.g. /sys/kernel/btf/vmlinux: resolves kernel structures and functions now

  --line-limit BYTES       a longer line is answered with an error (default 67108864)
  --time-limit SECONDS     a request that takes longer is answered with an error (default 300)
`,
};
