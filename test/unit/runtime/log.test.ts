// Records of log statements: the interpreter writes them, `decodeLog` reads them; what is no record is not read.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toManifest } from '../../../src/lower/output/manifest.ts';
import { createRunner, packetAt } from '../../../src/lower/run/index.ts';
import { logRecord, recordSize } from '../../../src/model/log-record.ts';
import { decodeLog } from '../../../src/runtime/log.ts';
import { translate } from '../../../src/translate.ts';
import { fromHex, toHex } from '../../model/bytes.ts';

const link = '0200000000010200000000020800';
const packet = '4500001c00010000401166cd0a0000030a000001000a003500080000';

function logged(ruleset: string, { family, hook }: { family: 'inet' | 'netdev'; hook: 'input' | 'ingress' }) {
  const translation = translate(ruleset);
  const created = createRunner(translation.programs, translation.maps);
  const at = packetAt({ family, hook }, fromHex(link + packet), {
    input: { index: 4, name: 'in0', group: 0, type: 1 },
    clock: { monotonic: 1234n, realtime: 0n },
    mark: 9,
    socket: { uid: 1000, gid: 50 },
  });
  if (!created.ok || at.kind !== 'packet') throw new Error('no run');
  created.runner.runHook(at.point, at.packet);
  const map = translation.maps.find(({ role }) => role.kind === 'log')!;
  return { translation, map, runner: created.runner, records: created.runner.takeRecords(map.name) };
}

describe('log records', () => {
  it('say what the statement says and what the packet was', () => {
    const { map, records } = logged(
      'table inet t { chain c { type filter hook input priority 0; udp dport 53 log prefix "dns " level info flags skuid; }; }',
      { family: 'inet', hook: 'input' },
    );
    expect(records).toHaveLength(1);
    const { link: header, packet: bytes, ...rest } = decodeLog(map, records[0]!)!;
    expect(toHex(header)).toBe(link);
    expect(toHex(bytes)).toBe(packet);
    expect(rest).toEqual({
      family: 'inet',
      table: 't',
      chain: 'c',
      rule: 0,
      statement: 0,
      prefix: 'dns ',
      level: 6,
      flags: 8,
      time: 1234n,
      nfproto: 2,
      hook: 1,
      input: 4,
      mark: 9,
      owner: { user: 1000, group: 50 },
      protocol: 0x0800,
      length: 28,
    });
  });

  it('hold as much of the packet as the statement says, and number the statements of a rule', () => {
    const { map, records } = logged(
      'table netdev t { chain c { type filter hook ingress device "in0" priority 0; log group 2 snaplen 20 log prefix "b"; }; }',
      { family: 'netdev', hook: 'ingress' },
    );
    const [first, second] = records.map(record => decodeLog(map, record)!);
    expect(toHex(first!.packet)).toBe(packet.slice(0, 40));
    expect(records[0]).toHaveLength(recordSize(20));
    expect([first!.group, first!.level, first!.statement, first!.length]).toEqual([2, undefined, 0, 28]);
    expect([second!.prefix, second!.level, second!.statement]).toEqual(['b', 4, 1]);
    expect(toHex(second!.packet)).toBe(packet);
  });

  it('are read with the map of the manifest as well', () => {
    const { map, records, translation } = logged(
      'table inet t { chain c { type filter hook input priority 0; log; }; }',
      { family: 'inet', hook: 'input' },
    );
    const manifest = JSON.parse(JSON.stringify(toManifest(translation))) as ReturnType<typeof toManifest>;
    const described = manifest.maps.find(({ name }) => name === map.name)!;
    expect(decodeLog(described, records[0]!)).toEqual(decodeLog(map, records[0]!));
  });

  it('that are none are not read', () => {
    const { map, records } = logged('table inet t { chain c { type filter hook input priority 0; log; }; }', {
      family: 'inet',
      hook: 'input',
    });
    const [record] = records as [Uint8Array];
    expect(decodeLog({ role: { kind: 'set' } }, record)).toBeUndefined();
    expect(decodeLog(map, record.subarray(0, 71))).toBeUndefined();
    expect(decodeLog(map, record.subarray(0, 80))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const decoded = decodeLog(map, bytes);
        return decoded === undefined || decoded.packet.length <= bytes.length - logRecord.packet;
      }),
    );
  });
});

describe('meta nftrace set', () => {
  it('records the packet from which on nf_tables would trace', () => {
    const { map, records, translation } = logged(
      'table inet t { chain c { type filter hook input priority 0; udp dport 53 meta nftrace set 1 accept; }; }',
      { family: 'inet', hook: 'input' },
    );
    expect(translation.diagnostics.map(({ code }) => code)).toEqual(['trace-to-ring-buffer']);
    expect(decodeLog(map, records[0]!)).toMatchObject({ trace: true, rule: 0, length: 28 });
  });

  it('is refused for any other value, and if the caller wants that', () => {
    const rule = (value: number, log: 'ring-buffer' | 'refuse') =>
      translate(
        `table inet t { chain c { type filter hook input priority 0; meta nftrace set ${value}; }; }`,
        { log },
      ).ok;
    expect([rule(1, 'ring-buffer'), rule(0, 'ring-buffer'), rule(1, 'refuse')]).toEqual([true, false, false]);
  });
});

describe('log statements', () => {
  const rule = (text: string, log?: 'refuse') =>
    translate(
      `table inet t { chain c { type filter hook input priority 0; ${text}; }; }`,
      log === undefined ? {} : { log },
    );

  it('warn once a ruleset', () => {
    const { ok, diagnostics } = rule('log prefix "a"; log prefix "b"');
    expect(ok).toBe(true);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
      ['log-to-ring-buffer', 'warning'],
    ]);
  });

  it('are refused if the caller wants that', () => {
    const { ok, diagnostics } = rule('tcp dport 22 log; drop', 'refuse');
    expect(ok).toBe(false);
    expect(diagnostics.map(({ code }) => code)).toEqual(['unsupported-expression']);
  });

  it('are refused if a record cannot hold what they want', () => {
    expect(rule('log group 1 snaplen 65535').ok).toBe(true);
    expect(rule('log group 1 snaplen 65536').ok).toBe(false);
  });

  it('keep a ring buffer for the largest records', () => {
    const sizeOf = (text: string) => rule(text).maps.find(({ name }) => name === 'rule_log')?.maxEntries;
    expect(sizeOf('log')).toBe(1 << 18);
    expect(sizeOf('log group 1 snaplen 65535')).toBe(1 << 21);
  });
});
