// Messages speak of types in whole sentences. The expected phrases are English, by eye.

import { describe, expect, it } from 'vitest';
import { describeType, withArticle } from '../../../src/ast/type/describe.ts';
import { datatypes } from '../../../src/model/datatype.ts';

const phrases: Readonly<Record<string, string>> = {
  ipv4_addr: 'an IPv4 address',
  ipv6_addr: 'an IPv6 address',
  inet_service: 'an internet network service',
  inet_proto: 'an Internet protocol',
  integer: 'an integer',
  string: 'a string',
  ether_addr: 'an Ethernet address',
  mark: 'a packet mark',
  uid: 'a user ID',
  hour: 'an hour of day of packet reception',
  boolean: 'a boolean',
  icmp_type: 'an ICMP type',
  dccp_pkttype: 'a DCCP packet type',
  classid: 'a TC classid',
  event: 'conntrack event bits',
  ct_event: 'conntrack event bits',
};

describe('types in messages', () => {
  for (const [name, type] of datatypes) {
    const phrase = phrases[name];
    if (phrase !== undefined) it(name, () => expect(describeType(type)).toBe(phrase));
  }
});

describe('the article', () => {
  const nouns = [
    'an SCTP chunk',
    'a UDP header',
    'a unit',
    'an umbrella',
    'a TCP option',
    'a ct helper',
    'an IP option',
  ];
  for (const noun of nouns) it(noun, () => expect(withArticle(noun.replace(/^an? /, ''))).toBe(noun));
});
