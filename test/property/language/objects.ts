// Named objects, and references to them.

import type { Draw } from './draw.ts';
import { duration, value } from './values.ts';

const size = (draw: Draw): string => `${draw.number(5000)} ${draw.pick(['bytes', 'kbytes', 'mbytes'])}`;
const comment = (draw: Draw): string => draw.maybe('comment "c"; ', 10);
const family = (draw: Draw): string => draw.pick(['ip', 'ip6', 'inet', draw.family]);

const bodies: Readonly<Record<string, (draw: Draw) => string>> = {
  counter: draw =>
    draw.one('', '{ }', 'packets 5 bytes 6', d => `{ ${comment(d)}packets 1 bytes 2; }`, '{ packets 1; }'),
  quota: draw =>
    draw.one(
      size,
      d => `over ${size(d)}`,
      d => `{ ${comment(d)}until ${size(d)} used ${size(d)}; }`,
      '{ }',
    ),
  limit: draw =>
    draw.one(
      'rate 5/second',
      d => `rate over ${size(d)}/minute burst ${size(d)}`,
      d => `{ ${comment(d)}rate 5/hour burst 7 packets; }`,
      '{ }',
      'rate 5/second burst 0 packets',
    ),
  'ct helper': draw =>
    `{ ${draw.maybe(d => `type ${d.pick(['"ftp"', '"tftp"', '"sip"', 'ftp', '"a-name-of-a-helper-that-is-too-long"'])} protocol ${d.pick(['tcp', 'udp', 'sctp'])};`, 1)} ${draw.maybe(d => `l3proto ${family(d)};`)} ${comment(draw)} }`,
  'ct timeout': draw =>
    `{ ${draw.maybe(d => `protocol ${d.pick(['tcp', 'udp'])};`, 1)} ${draw.maybe(d => `l3proto ${family(d)};`)} policy = { ${draw.several(d => `${d.pick(['established', 'close', 'syn_sent', 'time_wait', 'replied', 'unreplied', 'bogus'])} : ${d.one('60', '1m', '2h', () => duration(d), '0')}`, ', ', 1, 3)} }; ${comment(draw)} }`,
  'ct expectation': draw =>
    `{ protocol ${draw.pick(['tcp', 'udp'])}; dport ${draw.number(65536)}; timeout ${duration(draw)}; size ${draw.number(256)}; ${draw.maybe(d => `l3proto ${family(d)};`)} ${comment(draw)} }`,
  secmark: draw => draw.one('"system_u:object_r:x_t:s0"', '{ "a:b:c:d"; }', 'word', '{ }'),
  synproxy: draw =>
    draw.one(
      'mss 1460 wscale 7',
      'mss 1460 wscale 7 timestamp sack-perm',
      '{ mss 1460; wscale 7; timestamp; sack-perm; }',
      '{ mss 1460; wscale 7; timestamp sack-perm; }',
      'mss 70000 wscale 2',
      'mss 1 wscale 15',
    ),
  tunnel: draw =>
    `{ id ${draw.number(1000)}; ${draw.one(
      d => `ip saddr ${value(d, 'ip4')}; ip daddr ${value(d, 'ip4')};`,
      d => `ip6 saddr ${value(d, 'ip6')}; ip6 daddr ${value(d, 'ip6')};`,
      '',
    )} ${draw.maybe('sport 10;')} ${draw.maybe('dport 20;')} ${draw.maybe('ttl 5;')} ${draw.maybe('tos 3;')} ${draw.one('', 'vxlan { gbp 5; }', 'erspan { version 1; index 3; }', 'erspan { version 2; direction ingress; id 5; }', 'geneve { class 0x1 opt-type 0x2 data "0x12345678"; }')}; }`,
};

export const objectKinds: readonly string[] = Object.keys(bodies);

/** `counter NAME …` without the verb and the table. */
export function objectBody(draw: Draw, kind: string): string {
  return bodies[kind]!(draw);
}

/** Declares an object and gives its name. */
export function objectOf(draw: Draw, kind: string): string {
  const name = draw.name('o');
  draw.declarations.add(draw.words('add', kind, draw.family, 't', name, objectBody(draw, kind)));
  return name;
}
