// A namespace in which packets are judged: an input and an output device (taps), routing that brings packets to the
// hook in question, the reference nft, the observers, and the counters after each packet.

import type { Hook } from '../../../src/model/family.ts';
import { nftPath } from '../requirements.ts';
import { type CounterSources, type Counts, countDeltas, findCounterSources, readCounts } from './counters.ts';
import { groupsOf, logKey } from './log-key.ts';
import { type LoggedPacket, LogListener } from './log-listener.ts';
import { Namespace } from './namespace.ts';
import { NftSocket } from './netlink.ts';
import { observerRuleset, type Passage, passages, withoutObservers } from './observer.ts';
import { PacketSender } from './sender.ts';
import { Tap } from './tap.ts';

/** Link addresses of the devices; frames for the stack carry the input device's as destination. */
export const inputAddress = '02:00:00:00:00:01';
export const outputAddress = '02:00:00:00:00:11';

/**
 * - `local`: every destination is this machine, so packets go to the input hook.
 * - `forward`: every destination lies behind the output device.
 * - `host`: 10.0.0.1 and fd00::1 (input device), 10.1.0.1 and fd01::1 (output device) are this machine, all else is forwarded.
 */
export type Routing = 'local' | 'forward' | 'host';

export interface LabOptions {
  readonly routing: Routing;
  readonly input?: string;
  readonly output?: string;
  /** More devices that rules name; down. */
  readonly others?: readonly string[];
  readonly conntrack?: boolean;
  /** Packets are dropped behind this hook, see observer.ts. */
  readonly endAt?: Hook;
  /** What the machine itself sends is dropped before output. Default true. */
  readonly silent?: boolean;
}

export interface Observation {
  readonly passages: ReadonlyMap<Hook, Passage>;
  /** Counters of the ruleset that the packet moved. */
  readonly deltas: Counts;
  /** Frames that left the machine. */
  readonly sent: readonly SentFrame[];
  /** What the ruleset logged to groups. */
  readonly logged: readonly LoggedPacket[];
}

export interface SentFrame {
  readonly device: string;
  readonly frame: Uint8Array;
}

const addresses: Readonly<Record<Routing, readonly string[]>> = {
  local: ['route add local default dev lo', 'route add local ::/0 dev lo'],
  forward: ['route add default dev OUT', 'route add ::/0 dev OUT'],
  host: [
    'addr add 10.0.0.1/24 dev IN',
    'addr add fd00::1/64 dev IN nodad',
    'addr add 10.1.0.1/24 dev OUT',
    'addr add fd01::1/64 dev OUT nodad',
    'route add default dev OUT',
    'route add ::/0 dev OUT',
  ],
};

// Written before the devices exist, so that they start with them. `all` is what IPv6 forwarding asks for; a device
// with its own bit set would join the group of all routers and report that.
const settings: Readonly<Record<string, number>> = {
  'ipv4/ip_forward': 1,
  'ipv4/conf/all/rp_filter': 0,
  'ipv4/conf/default/rp_filter': 0,
  'ipv4/conf/default/accept_local': 1,
  'ipv4/conf/default/route_localnet': 1,
  'ipv6/conf/all/forwarding': 1,
  'ipv6/conf/default/forwarding': 0,
  'ipv6/conf/lo/forwarding': 0,
  // Every answer is sent, however many there were just before.
  'ipv4/icmp_ratelimit': 0,
  'ipv6/icmp/ratelimit': 0,
};

// Without conntrack no fragment is kept, so that none can meet one of an earlier case: input never sees a fragment.
const noReassembly: Readonly<Record<string, number>> = {
  'ipv4/ipfrag_low_thresh': 0,
  'ipv4/ipfrag_high_thresh': 0,
  'ipv6/ip6frag_low_thresh': 0,
  'ipv6/ip6frag_high_thresh': 0,
};

function linkCommands(name: string, address: string): string[] {
  return [
    `link set dev ${name} address ${address}`,
    `link set dev ${name} addrgenmode none`,
    `link set dev ${name} arp off multicast off up`,
  ];
}

export class Lab {
  readonly namespace: Namespace = new Namespace();
  readonly input: Tap;
  readonly output: Tap;
  readonly sender: PacketSender;
  private readonly socket: NftSocket;
  private readonly options: LabOptions;
  private readonly parts: { close(): void }[] = [];
  private sources: CounterSources = { objects: false, sets: [] };
  private counts: Counts = new Map();
  private loadedAlone: string | undefined;
  private listener: LogListener | undefined;

  constructor(options: LabOptions) {
    this.options = options;
    this.parts.push(this.namespace);
    try {
      this.namespace.sysctl({ ...settings, ...(options.conntrack ? {} : noReassembly) });
      this.input = this.part(new Tap(this.namespace, options.input ?? 'in0'));
      this.output = this.part(new Tap(this.namespace, options.output ?? 'out0'));
      for (const name of options.others ?? []) this.part(new Tap(this.namespace, name));
      this.configure();
      this.socket = this.part(new NftSocket(this.namespace));
      this.sender = this.part(new PacketSender(this.namespace, this.output.name));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private part<Part extends { close(): void }>(part: Part): Part {
    this.parts.push(part);
    return part;
  }

  private configure(): void {
    const routes = addresses[this.options.routing].map(command =>
      command.replace('OUT', this.output.name).replace('IN', this.input.name),
    );
    this.namespace.configure([
      'link set dev lo up',
      ...linkCommands(this.input.name, inputAddress),
      ...linkCommands(this.output.name, outputAddress),
      ...routes,
    ]);
  }

  /**
   * Replaces everything that is loaded by `ruleset` and the observers. Throws with nft's message if nft refuses it.
   * `conntrack` switches conntrack on, as a ruleset that uses it does by itself.
   */
  load(ruleset: string, conntrack: boolean = this.options.conntrack ?? false): void {
    const observers = observerRuleset({
      devices: [this.input.name, this.output.name],
      silent: this.options.silent ?? true,
      conntrack,
      ...(this.options.endAt && { endAt: this.options.endAt }),
    });
    // Observers alone keep no state that matters; loading them again would only take time.
    const alone = ruleset.trim() === '' ? observers : undefined;
    if (alone !== undefined && alone === this.loadedAlone) return;
    this.loadedAlone = undefined;
    this.namespace.execute(nftPath, ['-f', '-'], `flush ruleset; ${ruleset}\n${observers}`);
    this.loadedAlone = alone;
    for (const group of groupsOf(ruleset)) {
      this.listener ??= this.part(new LogListener(this.namespace));
      this.listener.listen(group);
    }
    this.listener?.take();
    this.sources = findCounterSources(this.socket);
    this.counts = readCounts(this.socket, this.sources);
  }

  /** Runs `action`, which sends packets, and tells what nf_tables saw of them. */
  observe(action: () => void): Observation {
    action();
    const counts = readCounts(this.socket, this.sources);
    const deltas = countDeltas(this.counts, counts);
    this.counts = counts;
    const logged = this.listener?.take() ?? [];
    return {
      passages: passages(deltas),
      deltas: withLogged(withoutObservers(deltas), logged),
      sent: this.takeSent(),
      logged,
    };
  }

  private takeSent(): SentFrame[] {
    return [this.input, this.output].flatMap(tap => tap.sent().map(frame => ({ device: tap.name, frame })));
  }

  close(): void {
    for (const part of this.parts.splice(0).reverse()) part.close();
  }
}

function withLogged(deltas: Counts, logged: readonly LoggedPacket[]): Counts {
  const all = new Map(deltas);
  for (const { prefix, mark, payload } of logged) {
    const key = logKey(prefix, mark, payload);
    all.set(key, { packets: (all.get(key)?.packets ?? 0n) + 1n, bytes: 0n });
  }
  return all;
}
