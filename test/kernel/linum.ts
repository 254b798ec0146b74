// Rulesets for the hooks of a device, which real ones seldom have, and what tools say of the objects made of them.

/** A rule or more of everything that tc ingress and XDP decide alike. Each rule counts, so none can vanish. */
export const edge = `# Edge of a small network.
define local = { 192.0.2.0/24, 198.51.100.0/25 }

table netdev edge {
	counter denied {
	}

	set blocked {
		type ipv4_addr
		elements = { 203.0.113.7, 203.0.113.9 }
	}

	set private {
		type ipv4_addr
		flags interval
		elements = { 10.0.0.0/8, 172.16.0.0/12 }
	}

	set pairs {
		type ipv6_addr . inet_service
		elements = { 2001:db8::1 . 443, 2001:db8::2 . 8443 }
	}

	map services {
		type inet_service : verdict
		elements = { 22 : drop, 80 : jump web, 443 : goto web }
	}

	chain web {
		ip saddr @blocked counter drop
		tcp flags & (fin | syn) == fin | syn counter drop
		tcp dport 443 tcp sport 1024-65535 counter \\
			accept
	}

	chain names {
		udp dport { 53, 853 } counter accept
		udp length < 20 counter drop
	}

	chain ingress {
		type filter hook ingress device "lo" priority filter; policy accept;
		ether type arp counter accept
		ether saddr 02:00:00:00:00:01 counter drop
		ip saddr @private counter name "denied" counter drop
		ip saddr $local counter accept
		ip6 saddr 2001:db8:1::/48 counter drop
		ip6 daddr . tcp dport @pairs counter accept
		meta l4proto vmap { tcp : jump web, udp : goto names }
		tcp dport vmap @services counter
		vlan id 7 counter drop
		meta length > 1400 counter
		icmp type echo-request ip ttl != 64 counter drop
		icmpv6 type nd-router-advert counter drop
		@th,16,16 0x0035 counter
	}

	chain behind {
		type filter hook ingress device "lo" priority 10; policy drop;
		meta protocol { ip, ip6, arp } counter accept
	}
}
`;

/** What needs an sk_buff: devices by name, marks, what leaves. */
export const devices = `table netdev uplink {
	map marks {
		type inet_service : mark
		elements = { 25 : 7, 53 : 0x11 }
	}

	chain ingress {
		type filter hook ingress devices = { "lo", "wan0" } priority -5; policy accept;
		iif "wan0" meta priority 0 counter drop
		meta mark set udp dport map @marks counter
		meta mark & 0xf0 == 0x10 counter accept
	}

	chain egress {
		type filter hook egress device "lo" priority 0; policy accept;
		oif "lo" ip daddr 127.0.0.0/8 counter accept
		tcp dport != { 80, 443 } counter drop
	}
}

table inet both {
	chain ingress {
		type filter hook ingress device "lo" priority 5; policy drop;
		meta nfproto ipv4 tcp dport 22 counter accept
		ip6 nexthdr udp counter accept
	}
}
`;

/** What only netfilter programs decide. */
export const host = `table inet host {
	chain input {
		type filter hook input priority 0; policy drop;
		ct state vmap { established : accept, invalid : drop } counter
		iif "lo" counter accept
		tcp dport { 22, 80 } ct state new counter accept
	}
}
`;

/** Numbers of the lines that hold a rule: rules count, and begin where the line before does not go on. */
export function ruleLines(text: string): readonly number[] {
  const lines = text.split('\n');
  const isRule = (line: string): boolean => /^\t\t.*\b(counter|vmap)\b/.test(line);
  return lines.flatMap((line, index) => (isRule(line) ? [index + 1] : []));
}

export interface ListedLine {
  readonly text: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The source lines in what `bpftool prog dump xlated linum` prints. */
export function listedLines(dump: string): readonly ListedLine[] {
  const pattern = /^; (.*) \[file:(\S+) line_num:(\d+) line_col:(\d+)\]$/gm;
  return [...dump.matchAll(pattern)].map(([, text, file, line, column]) => ({
    ...{ text: text!, file: file! },
    ...{ line: Number(line), column: Number(column) },
  }));
}
