// Protocol families and hooks of nf_tables, with the numbers the kernel gives them (uapi/linux/netfilter.h).

export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

/** NFPROTO_* numbers: they are what nft prints in front of a set, and what `meta nfproto` holds. */
export const familyNumber: Readonly<Record<Family, number>> = {
  inet: 1,
  ip: 2,
  arp: 3,
  netdev: 5,
  bridge: 7,
  ip6: 10,
};

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress';
