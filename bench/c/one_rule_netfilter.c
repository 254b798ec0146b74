/* `ip saddr 10.0.0.1 tcp dport 80 drop` in a prerouting chain of family ip, by hand for BPF_PROG_TYPE_NETFILTER: the
 * stack has checked and pulled the IP header; the ports may lie outside of the linear part and then take the slow way. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define tracked __attribute__((preserve_access_index))

struct sk_buff {
	u32 len;
	u32 data_len;
	u16 network_header;
	u8 *head;
} tracked;

struct bpf_nf_ctx {
	struct sk_buff *skb;
} tracked;

struct iphdr {
	u8 ihl : 4;
	u8 version : 4;
	u8 tos;
	u16 tot_len;
	u16 id;
	u16 frag_off;
	u8 ttl;
	u8 protocol;
	u16 check;
	u32 saddr;
	u32 daddr;
};

struct tcphdr {
	u16 source;
	u16 dest;
};

struct bpf_dynptr {
	u64 opaque[2];
} __attribute__((aligned(8)));

#define kfunc __attribute__((section(".ksyms")))
#define BPF_TYPE_ID_TARGET 1
#define core_type_id(type) __builtin_btf_type_id(*(type *)0, BPF_TYPE_ID_TARGET)

extern void *bpf_rdonly_cast(const void *object, u32 type) kfunc;
extern int bpf_dynptr_from_skb(struct sk_buff *skb, u64 flags, struct bpf_dynptr *pointer) kfunc;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *pointer, u32 offset, void *buffer, u32 size) kfunc;

enum { NF_DROP = 0, NF_ACCEPT = 1 };

#define htons(x) __builtin_bswap16(x)
#define htonl(x) __builtin_bswap32(x)

__attribute__((section("netfilter"), used))
int one_rule(struct bpf_nf_ctx *ctx)
{
	struct sk_buff *skb = ctx->skb;
	u8 *network = skb->head + skb->network_header;
	struct iphdr *ip = bpf_rdonly_cast(network, core_type_id(struct iphdr));
	struct bpf_dynptr packet;
	struct tcphdr room, *tcp;
	u32 ihl;

	if (ip->saddr != htonl(0x0a000001) || ip->protocol != 6)
		return NF_ACCEPT;
	ihl = ip->ihl * 4;
	if (ihl + 4 <= skb->len - skb->data_len) {
		tcp = bpf_rdonly_cast(network + ihl, core_type_id(struct tcphdr));
	} else {
		/* Off its fast path nf_tables reads no transport header of a later fragment. */
		if (ip->frag_off & htons(0x1fff))
			return NF_ACCEPT;
		if (bpf_dynptr_from_skb(skb, 0, &packet))
			return NF_ACCEPT;
		tcp = bpf_dynptr_slice(&packet, ihl, &room, sizeof(room));
		if (!tcp)
			return NF_ACCEPT;
	}
	return tcp->dest == htons(80) ? NF_DROP : NF_ACCEPT;
}

__attribute__((section("license"), used)) char license_text[] = "Dual MIT/GPL";
