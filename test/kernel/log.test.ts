// Log records on live traffic against what nf_tables gives to an nfnetlink_log group for the same packets: devices, mark,
// link header, user, bytes. And what becomes of records that find the ring buffer full.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  arrayKey,
  attachTranslation,
  loadTranslation,
  lookupEntry,
  openRing,
  type System,
  testRun,
} from '../../src/loader/index.ts';
import type { BpfMap } from '../../src/lower/program.ts';
import { decodeLog, type LogRecord } from '../../src/runtime/log.ts';
import { type Translation, translate } from '../../src/translate.ts';
import { fromHex, toHex } from '../model/bytes.ts';
import { kernel, kernelBtf } from '../support/kernel.ts';
import { LabPool } from '../support/lab-pool.ts';
import type { Lab } from '../support/net/lab.ts';
import type { LoggedPacket } from '../support/net/log-listener.ts';
import { isMissing } from '../support/requirements.ts';
import { type Scenario, scenario, send, type Via } from '../support/scenario.ts';
import { unwrap } from './judges/bpf-live.ts';

const link = '0200000000010200000000020800';
const packet = '4500001c00010000401166cd0a0000030a000001000a003500080000';

interface Place {
  readonly name: string;
  readonly via: Via;
  readonly text: string;
  /** What nf_tables logs begins with the link header (egress). */
  readonly fromLink?: boolean;
}

const statement = 'log prefix "at" group 9 snaplen 40';
const places: readonly Place[] = [
  { name: 'ingress', via: 'input', text: 'table netdev t { chain c { type filter hook ingress device "in0"' },
  {
    name: 'egress',
    via: 'egress',
    text: 'table netdev t { chain c { type filter hook egress device "out0"',
    fromLink: true,
  },
  { name: 'prerouting', via: 'input', text: 'table inet t { chain c { type filter hook prerouting' },
  { name: 'input', via: 'input', text: 'table inet t { chain c { type filter hook input' },
  { name: 'forward', via: 'input', text: 'table ip t { chain c { type filter hook forward' },
  { name: 'output', via: 'local', text: 'table inet t { chain c { type filter hook output' },
  { name: 'postrouting', via: 'local', text: 'table inet t { chain c { type filter hook postrouting' },
];

function subject({ via, text }: Place): Scenario {
  const bytes = fromHex(via === 'local' ? packet : link + packet);
  return scenario({ ruleset: `${text} priority 0; ${statement}; }; }`, packets: [{ via, bytes }] });
}

/** The record of the only packet, written on live traffic. */
function recordOf(system: System, lab: Lab, given: Scenario): LogRecord {
  const translation = translate(given.ruleset, { names: { interfaces: { in0: 2, out0: 3 } } });
  lab.load('', false);
  const loaded = unwrap(loadTranslation(system, translation.programs, translation.maps, kernelBtf()));
  const map = translation.maps.find(({ role }) => role.kind === 'log')!;
  const ring = unwrap(openRing(system, loaded.maps.get(map.name)!));
  const detach = unwrap(lab.namespace.run(() => attachTranslation(system, loaded)));
  try {
    send(lab, given.packets[0]!);
    const records = ring.read();
    expect(records).toHaveLength(1);
    return decodeLog(map, records[0]!)!;
  } finally {
    detach();
    ring.close();
    loaded.close();
  }
}

function bytesOf({ link: header, packet: bytes }: LogRecord, { fromLink }: Place): string {
  return fromLink === true ? (toHex(header) + toHex(bytes)).slice(0, 80) : toHex(bytes);
}

function comparable({ payload, link: header, ...rest }: LoggedPacket, { fromLink }: Place): object {
  return { ...rest, payload: toHex(payload), link: fromLink === true ? undefined : toHex(header) };
}

describe.skipIf(isMissing('root', 'nft'))('log records on live traffic', () => {
  let system: System;
  const pool = new LabPool();
  beforeAll(async () => {
    system = await kernel();
  });
  afterAll(() => pool.close());

  it.each(places)('$name: as nf_tables logs it', place => {
    const given = subject(place);
    const [expected, got] = pool.with(given, lab => {
      lab.load(given.ruleset, false);
      const { logged } = lab.observe(() => send(lab, given.packets[0]!));
      expect(logged).toHaveLength(1);
      return [logged[0]!, recordOf(system, lab, given)];
    });
    const { prefix = '', mark, input = 0, output = 0 } = got;
    expect({
      prefix,
      mark,
      input,
      output,
      payload: bytesOf(got, place),
      link: place.fromLink === true ? undefined : toHex(got.link),
    }).toEqual(comparable({ ...expected, user: undefined }, place));
  });
});

/** With a ring buffer of one page. */
function withSmallRing({ programs, maps }: Translation): {
  programs: Translation['programs'];
  maps: BpfMap[];
} {
  return {
    programs,
    maps: maps.map(map => (map.role.kind === 'log' ? { ...map, maxEntries: 4096 } : map)),
  };
}

describe.skipIf(isMissing('root'))('a full ring buffer', () => {
  it('loses records, counts them, and never a verdict', async () => {
    const system = await kernel();
    const { programs, maps } = withSmallRing(
      translate(
        'table netdev t { chain c { type filter hook ingress device "in0" priority 0; log; drop; }; }',
        {
          target: 'xdp',
        },
      ),
    );
    const loaded = unwrap(loadTranslation(system, programs, maps, kernelBtf()));
    const map = maps.find(({ role }) => role.kind === 'log')!;
    const ring = unwrap(openRing(system, loaded.maps.get(map.name)!));
    try {
      const data = fromHex(link + packet);
      const runs = Array.from({ length: 50 }, () =>
        unwrap(testRun(system, loaded.programs[0]!.fd, { data })),
      );
      expect(runs.every(({ returned }) => returned === 1)).toBe(true);
      const written = ring.read().length;
      const losses = unwrap(lookupEntry(system, loaded.maps.get('rule_log_lost')!, arrayKey(0)));
      const lost = losses.reduce(
        (sum, bytes) => sum + new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true),
        0n,
      );
      expect(written).toBeGreaterThan(0);
      expect(lost).toBe(BigInt(50 - written));
      expect(lost).toBeGreaterThan(0n);
      unwrap(testRun(system, loaded.programs[0]!.fd, { data }));
      expect(ring.read()).toHaveLength(1);
    } finally {
      ring.close();
      loaded.close();
    }
  });
});
