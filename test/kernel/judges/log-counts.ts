// Log statements as counts, so that judges can be compared on them: the key says what was logged (prefix, mark, the first
// bytes), and how often. Only statements with a prefix and a group, which nf_tables hands out.

import type { LogEvent, Packet } from '../../../src/lower/linear/eval/index.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import type { BpfMap } from '../../../src/lower/program.ts';
import { decodeLog } from '../../../src/runtime/log.ts';
import { toHex } from '../../model/bytes.ts';
import type { Count } from '../../support/net/counters.ts';
import { logKey } from '../../support/net/log-key.ts';

/** NFPROTO_NETDEV, and its egress hook: there nf_tables logs from the link header on. */
const device = 5;
const egress = 1;

export class LogCounts {
  readonly counts: Map<string, Count> = new Map();

  private add(key: string): void {
    const packets = this.counts.get(key)?.packets ?? 0n;
    this.counts.set(key, { packets: packets + 1n, bytes: 0n });
  }

  /** Records of our programs. */
  addRecords(map: BpfMap, records: readonly Uint8Array[]): void {
    for (const bytes of records) {
      const record = decodeLog(map, bytes);
      if (record === undefined) throw new Error(`no record of ${map.name}: ${toHex(bytes)}`);
      if (record.prefix === undefined || record.group === undefined) continue;
      const isEgress = record.nfproto === device && record.hook === egress;
      const data = isEgress ? Uint8Array.of(...record.link, ...record.packet) : record.packet;
      this.add(logKey(record.prefix, record.mark, data));
    }
  }

  /** What the evaluator met. */
  addEvents(ruleset: IrRuleset, events: readonly LogEvent[], packet: Packet): void {
    const rules = ruleset.tables.flatMap(table => table.chains.flatMap(chain => chain.rules));
    for (const event of events) {
      const rule = rules.find(({ id }) => id === event.rule);
      const said = rule?.expressions.filter(({ op }) => op === 'log')[event.statement];
      if (said?.op !== 'log' || said.prefix === undefined || said.group === undefined) continue;
      this.add(logKey(said.prefix, event.mark, packet.bytes.subarray(packet.dataOffset)));
    }
  }
}
