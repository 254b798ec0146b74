// Every statement of a rule, in every form that it has.

import type { Choice, Draw } from './draw.ts';
import { element, match, verdict } from './matches.ts';
import { objectOf } from './objects.ts';
import { anySelector, conntrack, field, meta, type Selector } from './selectors.ts';
import { mapOf, setOf, stateful } from './sets.ts';
import { duration, type Kind, value } from './values.ts';

const unit = (draw: Draw): string => draw.pick(['second', 'minute', 'hour', 'day', 'week']);
const size = (draw: Draw): string => `${draw.number(5000)} ${draw.pick(['bytes', 'kbytes', 'mbytes'])}`;
const mode = (draw: Draw): string => draw.one('', '', 'over ', 'until ');

const limit: Choice = draw =>
  draw.one(
    d =>
      `limit rate ${mode(d)}${d.number(1000)}/${unit(d)}${d.maybe(e => ` burst ${e.number(100)} packets`)}`,
    d => `limit rate ${mode(d)}${size(d)}/${unit(d)}${d.maybe(e => ` burst ${size(e)}`)}`,
  );
const quota: Choice = draw => `quota ${mode(draw)}${size(draw)}${draw.maybe(d => ` used ${size(d)}`, 3)}`;

const log: Choice = draw =>
  draw.words(
    'log',
    draw.maybe(
      d =>
        `prefix ${d.pick(['"p: "', 'word', '""', '"a$b"', '"very long prefix that goes on and on for more than the sixty four bytes of it, and on and on and on, until it is too long indeed!!"'])}`,
    ),
    draw.maybe(d =>
      d.one(
        e =>
          `level ${e.pick(['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit', 'panic'])}`,
        e => `group ${e.number(65536)}`,
        e => `group ${e.number(70000)} snaplen ${e.number(300)}`,
        e => `group 1 queue-threshold ${e.number(70000)}`,
      ),
    ),
    draw.maybe(
      d =>
        `flags ${d.pick(['all', 'skuid', 'ether', 'ip options', 'tcp options', 'tcp sequence', 'tcp sequence,options', 'tcp options flags skuid', 'tcp bogus'])}`,
      3,
    ),
  );

const reject: Choice = draw =>
  draw.one(
    'reject',
    'reject with tcp reset',
    d => `reject with icmp ${d.maybe('type ')}${value(d, 'icmpcode')}`,
    d => `reject with icmpv6 ${d.maybe('type ')}${value(d, 'icmp6code')}`,
    d =>
      `reject with icmpx ${d.maybe('type ')}${d.pick(['port-unreachable', 'no-route', 'host-unreachable', 'admin-prohibited', '0', '3', '4', 'net-unreachable'])}`,
    d =>
      `${d.pick(['tcp dport 22', 'udp dport 1', 'ip protocol tcp', 'meta l4proto udp', 'meta nfproto ipv6', 'ether type ip'])} ${d.one('reject', 'reject with tcp reset', 'reject with icmpx port-unreachable', 'reject with icmp host-unreachable', 'reject with icmpv6 no-route')}`,
  );

const address = (draw: Draw): string =>
  value(draw, draw.family === 'ip6' ? 'ip6' : draw.oneIn(6) ? 'ip6' : 'ip4');
const family = (draw: Draw): string => draw.one('', '', 'ip ', 'ip6 ');
const port = (draw: Draw): string =>
  draw.one(
    d => value(d, 'port'),
    d => value(d, 'port'),
    '100-200',
    d => `numgen inc mod ${1 + d.below(9)} map { 0 : 80, 1 : 81 }`,
    '80,81',
  );

function keyed(draw: Draw, kind: Kind): string {
  const selector = anySelector(draw);
  return draw.one(
    d =>
      `${selector.text} map { ${d.several(e => `${element(e, selector.kind)} : ${value(e, kind)}`, ', ', 1, 3)}${d.maybe(e => `, * : ${value(e, kind)}`, 8)} }`,
    d =>
      `${selector.text} map @${mapOf(d, [selector], { text: kind === 'port' ? 'tcp dport' : kind === 'ip6' ? 'ip6 daddr' : kind === 'ip4' ? 'ip daddr' : 'meta mark', kind })}`,
  );
}

const addressOf = (draw: Draw): string => (draw.family === 'ip6' ? 'ip6' : 'ip4');
const natTarget = (draw: Draw): string =>
  draw.one(
    address,
    address,
    d => `${address(d)}-${address(d)}`,
    d => `${address(d)}:${port(d)}`,
    d => `:${port(d)}`,
    d => keyed(d, addressOf(d)),
    d => `${address(d)}-${address(d)}:${port(d)}`,
    d => `[${value(d, 'ip6')}]:${port(d)}`,
  );
const natFlags = (draw: Draw): string =>
  draw.maybe(d => ` ${d.several(e => e.pick(['random', 'fully-random', 'persistent']), ',', 1, 3)}`, 3);
const transportFirst = (draw: Draw): string =>
  draw.one(
    '',
    'tcp dport 80 ',
    'meta l4proto tcp ',
    'meta l4proto { tcp, udp } ',
    'ip protocol udp ',
    'udp sport 5 ',
  );

const nat: Choice = draw =>
  transportFirst(draw) +
  draw.one(
    d => `${d.pick(['snat', 'dnat'])} ${d.one('', family)}to ${natTarget(d)}${natFlags(d)}`,
    d => `${d.pick(['snat', 'dnat'])} ${natTarget(d)}${natFlags(d)}`,
    d =>
      `${d.pick(['snat', 'dnat'])} ${family(d)}prefix to ${d.one(
        e => `${address(e)}/${e.number(33)}`,
        e => `ip saddr map { 10.1.0.0/16 : 10.2.0.0/${e.below(33)} }`,
        address,
      )}`,
    d =>
      `${d.pick(['snat', 'dnat'])} ip addr . port to ${d.one(
        () => 'ip saddr map { 1.2.3.4 : 5.6.7.8 . 80 }',
        () => 'ip saddr . tcp dport map { 1.2.3.4 . 5 : 5.6.7.8 . 80 }',
        address,
      )}`,
    d => `${d.pick(['snat', 'dnat'])} ${family(d)}interval to ip saddr map { 10.0.0.1 : 10.0.0.5-10.0.0.9 }`,
    d => `masquerade${d.maybe(e => ` to :${port(e)}`)}${natFlags(d)}`,
    d => `redirect${d.maybe(e => ` to ${e.maybe(':')}${port(e)}`)}${natFlags(d)}`,
    d => `redirect to ${d.maybe(':')}${keyed(d, 'port')}`,
  );

const tproxy: Choice = draw =>
  `${draw.one('', 'meta l4proto tcp ', 'meta l4proto { tcp, udp } ', 'udp dport 5 ', 'meta l4proto 6 ')}tproxy ${family(draw)}to ${draw.one(
    address,
    d => `:${port(d)}`,
    d => `${address(d)}:${port(d)}`,
    d => `:${keyed(d, 'port')}`,
    d => keyed(d, addressOf(d)),
  )}`;

const queueTarget = (draw: Draw): string =>
  draw.one(
    '3',
    '0',
    '1-5',
    '65535',
    '65536',
    '5-1',
    d => `numgen inc mod ${1 + d.below(5)}`,
    'symhash mod 4 offset 1',
    'jhash ip saddr mod 4',
    d => `${anySelector(d).text} map { 1 : 2 }`,
    'oif map { "lo" : 1 }',
  );
const queue: Choice = draw =>
  draw.one(
    'queue',
    d => `queue num ${d.one('3', '1-5', '70000')}`,
    d => `queue num 1-3 ${d.pick(['bypass', 'fanout', 'bypass,fanout', 'fanout,bypass', 'bypass fanout'])}`,
    d =>
      `queue flags ${d.pick(['bypass', 'fanout', 'bypass,fanout'])} ${d.pick(['to', 'num'])} ${queueTarget(d)}`,
    d => `queue to ${queueTarget(d)}`,
    'queue bypass',
    'queue fanout num 2',
  );

const copy: Choice = draw =>
  draw.one(
    d =>
      `dup to ${d.one(
        address,
        d2 => value(d2, 'ifname'),
        d2 => keyed(d2, 'ip4'),
      )}${d.maybe(e => ` device ${e.one('lo', '"lo"', '1', f => keyed(f, 'ifindex'))}`)}`,
    d => `fwd to ${d.one('lo', '"lo"', '1', 'nosuch', e => keyed(e, 'ifindex'), 'meta iif')}`,
    d =>
      `fwd ${d.pick(['ip', 'ip6'])} to ${address(d)} device ${d.one('lo', '"lo"', 'meta mark map { 1 : "lo" }')}`,
  );

const synproxy: Choice = draw =>
  draw.words(
    'synproxy',
    draw.maybe(d => `mss ${d.number(65536)}`),
    draw.maybe(d => `wscale ${d.number(15)}`),
    draw.maybe('timestamp'),
    draw.maybe('sack-perm'),
  );

const computed = (draw: Draw, kind: Kind): string => {
  const other = anySelector(draw);
  return draw.one(
    d => value(d, kind),
    d => value(d, kind),
    d => value(d, kind),
    other.text,
    d =>
      `${other.text} ${d.pick(['&', '|', '^', '<<', '>>'])} ${d.one(
        e => value(e, 'u8'),
        e => value(e, kind),
        e => anySelector(e).text,
      )}`,
    d =>
      `(${other.text} ${d.pick(['&', '|', '^'])} ${value(d, kind)}) ${d.pick(['&', '|', '^', '<<'])} ${value(d, 'u4')}`,
    d => keyed(d, kind),
    d => `numgen ${d.pick(['inc', 'random'])} mod ${1 + d.below(100)}${d.maybe(' offset 5')}`,
    d => `jhash ${other.text} mod ${1 + d.below(100)} seed 0x1${d.maybe(' offset 5')}`,
  );
};

const writableMeta = 'mark priority pkttype nftrace cgroup secmark broute cpu'.split(' ');
const writableCt = 'mark label event zone secmark helper state'.split(' ');

function written(draw: Draw, { text, kind }: Selector): string {
  const same = draw.oneIn(4)
    ? `${text} ${draw.pick(['&', '|', '^', '<<', '>>'])} ${value(draw, draw.oneIn(2) ? kind : 'u8')}`
    : computed(draw, kind);
  return `${text} set ${same}`;
}

const assignment: Choice = draw =>
  draw.one(
    d =>
      written(
        d,
        d.pick(meta.filter(({ text }) => writableMeta.some(key => text.endsWith(key)) || d.oneIn(12))),
      ),
    d =>
      written(
        d,
        d.pick(conntrack.filter(({ text }) => writableCt.some(key => text.endsWith(key)) || d.oneIn(12))),
      ),
    d => written(d, field(d)),
    d => written(d, field(d)),
    d => `meta secmark set ${d.one('ct secmark', e => objectOf(e, 'secmark'), '"nosuch"')}`,
    'ct secmark set meta secmark',
    d =>
      `ct helper set ${d.one(
        e => objectOf(e, 'ct helper'),
        e => `"${objectOf(e, 'ct helper')}"`,
        '"nosuch"',
      )}`,
    d => `ct event set ${d.several(e => value(e, 'ctevent'), d.pick([',', '|']), 1, 3)}`,
    d => `ct ${d.pick(['original', 'reply'])} zone set ${computed(d, 'u16')}`,
    d =>
      `ct mark set ct mark ${d.pick(['and', 'or', 'xor', '&', '|'])} ${value(d, 'mark')} ${d.maybe(e => `${e.pick(['|', '^', 'or'])} ${value(e, 'mark')}`)}`,
  );

const dynamic: Choice = draw => {
  const parts = Array.from({ length: 1 + draw.below(3) }, () => anySelector(draw));
  const key = parts.map(({ text }) => text).join(' . ');
  const options = draw.maybe(
    d =>
      d.one(
        e => ` timeout ${duration(e)}`,
        ' comment "x"',
        e => ` expires ${duration(e)}`,
      ),
    4,
  );
  const operation = draw.pick(['add', 'update', 'delete', 'add', 'update']);
  return draw.one(
    d =>
      `${operation} @${setOf(d, parts)} { ${key}${options}${d.maybe(e => ` ${e.several(stateful, ' ', 1, 2)}`, 3)} }`,
    d => `set ${operation} ${key}${options} @${setOf(d, parts)}`,
    d => {
      const target = anySelector(d);
      return `${operation} @${mapOf(d, parts, target)} { ${key}${options} : ${d.one(target.text, e => value(e, target.kind))} }`;
    },
    d =>
      `meter ${d.name('mt')} ${d.maybe('size 128 ', 3)}{ ${key}${options} ${d.one(stateful, limit, quota)} }`,
  );
};

const objectReference: Choice = draw => {
  const kind = draw.pick(['counter', 'quota', 'limit', 'synproxy', 'tunnel']);
  const selector = anySelector(draw);
  return draw.one(
    d =>
      `${kind} name ${d.one(
        e => objectOf(e, kind),
        e => `"${objectOf(e, kind)}"`,
        '"nosuch"',
      )}`,
    d =>
      `${kind} name ${selector.text} map { ${d.several(e => `${element(e, selector.kind)} : "${objectOf(e, kind)}"`, ', ', 1, 2)} }`,
    d =>
      `ct ${d.pick(['timeout', 'expectation'])} set ${d.one(
        '"nosuch"',
        e => `"${objectOf(e, 'ct timeout')}"`,
        e => `"${objectOf(e, 'ct expectation')}"`,
      )}`,
  );
};

const verdictMap: Choice = draw => {
  const parts = Array.from({ length: 1 + draw.below(3) }, () => anySelector(draw));
  return `${parts.map(({ text }) => text).join(' . ')} vmap @${mapOf(draw, parts, 'verdict')}`;
};

const nested: Choice = draw =>
  `${draw.pick(['jump', 'goto'])} { ${draw.several(d => rule(d), '; ', 0, 2)}; }`;

const statements: readonly Choice[] = [
  match,
  match,
  match,
  match,
  match,
  assignment,
  assignment,
  dynamic,
  dynamic,
  nat,
  nat,
  reject,
  log,
  limit,
  quota,
  tproxy,
  queue,
  copy,
  synproxy,
  objectReference,
  verdictMap,
  nested,
  stateful,
  verdict,
  'notrack',
  'flow add @f',
  'flow offload @f',
  'counter',
  'last',
  'xt target "x"',
  'drop',
  'accept',
  draw => `ct count ${draw.maybe('over ')}${draw.number(100)}`,
  draw => `counter packets ${draw.number(1000)} bytes ${draw.number(100000)}`,
  draw => `last used ${draw.one('never', d => duration(d))}`,
  draw =>
    `reset tcp option ${draw.pick(['sack-perm', 'timestamp', 'fastopen', 'md5sig', 'mptcp', 'nop', '254', 'sack', 'mss', 'window', 'echo', '256'])}`,
];

/** A rule of one to four statements. */
export function rule(draw: Draw): string {
  const count = draw.pick([1, 1, 1, 1, 1, 1, 2, 2, 3]);
  const parts = Array.from({ length: count }, () => draw.one(draw.pick(statements)));
  return draw.words(
    ...parts,
    draw.maybe(d => `comment ${d.pick(['"a comment"', 'word', '"with # and ; inside"'])}`, 25),
  );
}
