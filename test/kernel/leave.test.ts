// Cut in two, a ruleset decides as it did whole: on live connections, through address translation too, every packet meets
// the same fate at every hook, every counter moves alike, and the same bytes leave the machine.

import { beforeAll, describe, expect, it } from 'vitest';
import type { System } from '../../src/loader/index.ts';
import { echoExchange, icmpError, tcpConnection, udpExchange } from '../support/flows.ts';
import { type Ends, frame, internet, type Ports, udpPacket } from '../support/frames.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { Random, seed } from '../support/random.ts';
import { isMissing } from '../support/requirements.ts';
import type { ScenarioPacket } from '../support/scenario.ts';
import { answerOf } from '../support/server.ts';
import { storyOfParts, storyOfWhole, type Traffic, translatePart } from './judges/part.ts';
import { drawRuleset } from './leave-rulesets.ts';

const client = '10.0.0.9';
const server = '10.1.0.9';
const machineInside = '10.0.0.1';
const through: Ends = { source: client, destination: server };
const toMachine: Ends = { source: client, destination: machineInside };
const through6: Ends = { source: 'fd00::9', destination: 'fd01::9' };
const web: Ports = { sourcePort: 4000, destinationPort: 80 };
const dns: Ports = { sourcePort: 4001, destinationPort: 53 };
const mail: Ports = { sourcePort: 4002, destinationPort: 25 };

/** The client's side of scripts; the server answers what it sees, after translation. */
function answered(...scripts: readonly (readonly ScenarioPacket[])[]): Traffic {
  return { packets: scripts.flat().filter(({ via }) => via === 'input'), answer: answerOf };
}

const all: readonly ScenarioPacket[] = [
  ...tcpConnection(through, web),
  ...udpExchange(through, dns),
  ...tcpConnection(through, mail),
  ...tcpConnection(toMachine, web),
  ...udpExchange(toMachine, dns),
  ...echoExchange(through),
  ...echoExchange(toMachine),
  ...icmpError(through, { sourcePort: 4003, destinationPort: 99 }, '10.1.0.77'),
  ...tcpConnection(through6, web),
  ...udpExchange(through6, dns),
  ...echoExchange(through6),
];

/** A datagram to port 53 in two fragments. */
function fragments(ends: Ends): ScenarioPacket[] {
  const whole = udpPacket(ends, dns, new Uint8Array(56)).subarray(20);
  const [first, rest] = [whole.slice(0, 32), whole.slice(32)];
  return [
    internet(ends, 17, first, { id: 77, flags: 1 }),
    internet(ends, 17, rest, { id: 77, fragmentOffset: 4 }),
  ].map(packet => ({ via: 'input', bytes: frame(packet) }));
}

interface Case {
  readonly ruleset: string;
  /** Default: all of the scripts. */
  readonly traffic?: Traffic;
  /** How many programs there must be: what is not cut proves nothing. */
  readonly programs: number;
}

const router = `
table inet filter {
  set refused { type inet_service; elements = { 22, 25 }; }
  counter forwarded { }
  chain input {
    type filter hook input priority filter; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    iifname "lo" accept
    ip protocol icmp counter accept
    udp dport 53 counter accept
    counter
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related counter accept
    iifname "in0" oifname "out0" counter name "forwarded" accept
    ct status dnat counter accept
  }
  chain guard {
    type filter hook forward priority 5; policy accept;
    tcp dport @refused counter reject with tcp reset
    udp dport 53 counter reject
  }
}
table ip nat {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "in0" tcp dport 8080 counter dnat to 10.1.0.9:80
    iifname "in0" udp dport 5353 counter redirect to :53
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "out0" counter masquerade
  }
}`;

const cases: Readonly<Record<string, Case>> = {
  'a router with masquerading, forwarded ports and rejects': {
    ruleset: router,
    programs: 2,
    traffic: answered(
      tcpConnection(through, web),
      udpExchange(through, { sourcePort: 4009, destinationPort: 54 }),
      tcpConnection(toMachine, { sourcePort: 4010, destinationPort: 8080 }),
      udpExchange(toMachine, { sourcePort: 4011, destinationPort: 5353 }),
      udpExchange(through, dns),
      tcpConnection(through, mail),
      echoExchange(through),
      echoExchange(toMachine),
      tcpConnection(through6, web),
    ),
  },
  'marks that one side sets and the other reads': {
    ruleset: `table inet t {
      chain set_marks {
        type filter hook prerouting priority -150;
        tcp dport 80 meta mark set 7 ct mark set 9
        udp dport 53 counter meta mark set 8
      }
      chain forward {
        type filter hook forward priority 0;
        meta mark 7 counter
        ct mark 9 counter
        meta mark 8 counter drop
      }
      chain input { type filter hook input priority 0; ct mark 9 counter drop; }
    }`,
    programs: 2,
  },
  'what stays takes packets from conntrack and rewrites them': {
    ruleset: `table inet t {
      chain raw { type filter hook prerouting priority -300; udp dport 53 notrack; tcp dport 80 ip ttl set 44; }
      chain forward {
        type filter hook forward priority 0;
        ct state untracked counter drop
        ip ttl 44 counter
        ip ttl 43 counter
        ct state invalid counter
      }
    }`,
    programs: 1,
  },
  'equal priorities: in front of what stays and behind it': {
    ruleset: `
      table inet first { chain c { type filter hook forward priority 0; tcp dport 80 counter; udp dport 53 counter drop; }; }
      table inet second { chain c { type filter hook forward priority 0; udp dport 53 counter; tcp dport 25 counter reject; }; }
      table inet third { chain c { type filter hook forward priority 0; tcp dport { 25, 80 } counter; icmp type echo-request counter drop; }; }`,
    programs: 2,
  },
  'a filter at the place of address translation, registered before it and after it': {
    ruleset: `
      table ip before { chain c { type filter hook postrouting priority srcnat; ip saddr 10.0.0.9 counter; ip saddr 10.1.0.1 counter; }; }
      table ip nat { chain c { type nat hook postrouting priority srcnat; oifname "out0" masquerade; }; }
      table ip after { chain c { type filter hook prerouting priority dstnat; ip saddr 10.0.0.9 counter; }; }
      table ip later { chain c { type filter hook postrouting priority 100; ip saddr 10.0.0.9 counter; ip saddr 10.1.0.1 counter; }; }`,
    programs: 3,
    traffic: answered(tcpConnection(through, web), udpExchange(through, dns)),
  },
  'connection tracking and reassembly that only moved chains ask for': {
    ruleset: `table ip t {
      chain forward { type filter hook forward priority 0; ct state new counter; udp dport 53 counter; udp length 64 counter; meta length 84 counter; counter; }
      chain output { type filter hook output priority 0; tcp flags rst reject; }
    }`,
    programs: 1,
    traffic: { packets: [...fragments(through), ...all] },
  },
  'no connection tracking, and fragments as they come': {
    ruleset: `table ip t {
      chain forward { type filter hook forward priority 0; udp dport 53 counter; meta length 52 counter; counter; }
      chain output { type filter hook output priority 0; tcp flags rst reject; }
    }`,
    programs: 1,
    traffic: { packets: [...fragments(through), ...all] },
  },
  'chains of a device, the first of which move': {
    ruleset: `
      table netdev d {
        chain first { type filter hook ingress device "in0" priority 0; udp dport 53 counter drop; tcp dport 80 counter; icmp type echo-reply meta mark set 5; ip saddr 10.0.0.9 meta mark set 6; }
        chain second { type filter hook ingress device "in0" priority 1; tcp dport 80 ip ttl set 9; icmp type echo-request counter drop; }
        chain third { type filter hook ingress device "in0" priority 2; ip ttl 9 counter; meta mark 6 counter; counter; }
      }
      table ip t { chain c { type filter hook prerouting priority 0; ip ttl 9 counter; meta mark 6 counter; counter; }; }`,
    programs: 2,
  },
  'order of registration among what stays': {
    // z runs first, then y, then x; in a listing z would come before y.
    ruleset: `
      table ip a { chain x { type filter hook forward priority 0; meta mark 2 counter; meta mark 3 counter meta mark set 4; }; }
      table ip b { chain y { type filter hook forward priority 0; meta mark set 2; }; }
      table ip a { chain z { type filter hook forward priority 0; meta mark set 3; }; }
      table ip c { chain moves { type filter hook postrouting priority 0; meta mark 2 counter; meta mark 4 counter; }; }`,
    programs: 1,
  },
};

/** LEAVE_ROUNDS draws more; each takes some tenths of a second. */
const rounds = Number(process.env['LEAVE_ROUNDS'] ?? 12);

const drawnTraffic: Traffic = answered(
  tcpConnection(through, web),
  udpExchange(through, dns),
  udpExchange(through, { sourcePort: 4005, destinationPort: 54 }),
  tcpConnection(through, mail),
  tcpConnection(toMachine, { sourcePort: 4006, destinationPort: 8080 }),
  udpExchange(toMachine, { sourcePort: 4007, destinationPort: 5353 }),
  echoExchange(through),
  echoExchange(toMachine),
);

describe.skipIf(isMissing('root', 'nft'))('remainder and programs decide as the whole ruleset did', () => {
  const btf = kernelBtf();
  let system: System;
  beforeAll(async () => {
    system = await kernel();
  });

  it.each(Object.entries(cases))('%s', (_, { ruleset, traffic = { packets: all }, programs }) => {
    const cut = translatePart(ruleset);
    expect(cut.translation.programs).toHaveLength(programs);
    const whole = storyOfWhole(ruleset, traffic);
    const counted = whole.filter(story => /^(rule|object) /m.test(story));
    expect(counted.length).toBeGreaterThan(3);
    expect(storyOfParts(cut, traffic, system, btf)).toEqual(whole);
  });

  it(
    'drawn rulesets',
    () => {
      const random = new Random(seed);
      const seen = { programs: 0, staying: 0, both: 0 };
      for (let round = 0; round < rounds; round++) {
        const ruleset = drawRuleset(random);
        const cut = translatePart(ruleset);
        const { programs, diagnostics } = cut.translation;
        const staying = diagnostics.filter(({ code }) => code === 'stays').length;
        seen.programs += programs.length;
        seen.staying += staying;
        if (programs.length === 0 || staying === 0) continue;
        seen.both++;
        const message = `SEED=${seed}, ruleset ${round}:\n${ruleset}`;
        expect(storyOfParts(cut, drawnTraffic, system, btf), message).toEqual(
          storyOfWhole(ruleset, drawnTraffic),
        );
      }
      expect(seen.both).toBeGreaterThan(rounds / 3);
    },
    10_000 * rounds,
  );
});
