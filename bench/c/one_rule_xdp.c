/* `ip saddr 10.0.0.1 tcp dport 80 drop` in a netdev ingress chain, as somebody would write it by hand for XDP with
 * exactly the checks that nf_tables makes there (docs/semantics.md): a VLAN tag, which the stack takes off before the
 * ingress hook, is stepped over once; the IPv4 header must be whole and its lengths must agree with the frame's; the
 * destination port must lie inside of the frame; fragments are not told apart. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct xdp_md {
	u32 data;
	u32 data_end;
};

struct ipv4 {
	u8 version_ihl;
	u8 tos;
	u16 total_length;
	u16 id;
	u16 fragment;
	u8 ttl;
	u8 protocol;
	u16 checksum;
	u32 saddr;
	u32 daddr;
};

enum { XDP_DROP = 1, XDP_PASS = 2 };

#define htons(x) __builtin_bswap16(x)
#define htonl(x) __builtin_bswap32(x)

__attribute__((section("xdp"), used))
int one_rule(struct xdp_md *ctx)
{
	u8 *data = (u8 *)(u64)ctx->data;
	u8 *end = (u8 *)(u64)ctx->data_end;
	u8 *network = data + 14;
	struct ipv4 *ip;
	u32 ihl, total;
	u16 type;

	if (network + 20 > end)
		return XDP_PASS;
	type = *(u16 *)(data + 12);
	if (type == htons(0x8100) || type == htons(0x88a8)) {
		type = *(u16 *)(data + 16);
		network = data + 18;
	}
	if (type != htons(0x0800))
		return XDP_PASS;
	ip = (struct ipv4 *)network;
	if (network + 20 > end)
		return XDP_PASS;
	if (ip->saddr != htonl(0x0a000001) || ip->protocol != 6)
		return XDP_PASS;
	if (ip->version_ihl >> 4 != 4)
		return XDP_PASS;
	ihl = (ip->version_ihl & 15) * 4;
	total = htons(ip->total_length);
	if (ihl < 20 || total < ihl || network + total > end)
		return XDP_PASS;
	if (network + ihl + 4 > end)
		return XDP_PASS;
	return *(u16 *)(network + ihl + 2) == htons(80) ? XDP_DROP : XDP_PASS;
}

__attribute__((section("license"), used)) char license_text[] = "Dual MIT/GPL";
