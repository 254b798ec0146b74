// A conntrack entry as the kernel holds it: struct nf_conn with its extensions, and skb->_nfct, whose three low bits say how
// the packet belongs to it (enum ip_conntrack_info).

import type { Memory } from '../../bpf-asm/vm/index.ts';
import type { ConntrackEntry, ConntrackTuple } from '../linear/eval/index.ts';
import { KernelObject } from './kernel-object.ts';
import type { KernelTypes } from './kernel-types.ts';

const ctinfo = { established: 0, related: 1, new: 2, untracked: 7 } as const;
/** IP_CT_IS_REPLY: established and related packets of the reply direction. */
const isReply = 3;
/** IPS_TEMPLATE. */
const templateStatus = 1 << 11;
/** nf_conntrack_zone.dir: the zone is that of both directions. */
const bothDirections = 3;
const directionBit = { original: 1, reply: 2 } as const;
/** Room for extensions behind struct nf_ct_ext, aligned to 8. */
const extensionRoom = 256;

/** The low bits of skb->_nfct. */
export function ctinfoOf(conntrack: ConntrackEntry | 'none' | 'untracked' | undefined): bigint {
  if (conntrack === undefined || conntrack === 'none') return 0n;
  if (conntrack === 'untracked') return BigInt(ctinfo.untracked);
  const isReplied = conntrack.direction === 'reply' && conntrack.state !== 'new';
  return BigInt(ctinfo[conntrack.state] + (isReplied ? isReply : 0));
}

export interface ConnectionClock {
  readonly hz: number;
  readonly jiffies: bigint;
}

function setTuple(
  connection: KernelObject,
  index: 0 | 1,
  tuple: ConntrackTuple,
  entry: ConntrackEntry,
): void {
  const at = `tuplehash[${index}].tuple`;
  connection.setBytes(`${at}.src.u3`, tuple.source);
  connection.setBytes(`${at}.dst.u3`, tuple.destination);
  connection.setBigEndian16(`${at}.src.u.all`, tuple.sourcePort);
  connection.setBigEndian16(`${at}.dst.u.all`, tuple.destinationPort);
  connection.set(`${at}.src.l3num`, entry.l3protocol);
  connection.set(`${at}.dst.protonum`, entry.protocol);
  connection.set(`${at}.dst.dir`, index);
}

/** Extensions lie behind `struct nf_ct_ext`; `offset[id]` says where, 0 that there is none. */
class Extensions {
  readonly object: KernelObject;
  readonly #types: KernelTypes;
  #used: number;

  constructor(types: KernelTypes, memory: Memory) {
    this.#types = types;
    this.object = new KernelObject(types, 'nf_ct_ext', memory, extensionRoom);
    this.object.clear('offset');
    this.#used = Math.ceil(this.object.size / 8) * 8;
  }

  /** Adds an extension of the model's `size` and returns where it begins. */
  add(name: string, size: number): number | undefined {
    const id = this.#types.enumerator('nf_ct_ext_id', `NF_CT_EXT_${name}`);
    if (id === undefined) return undefined;
    const at = this.#used;
    this.#used += Math.ceil(size / 8) * 8;
    this.object.region.bytes.fill(0, at, this.#used);
    this.object.set(`offset[${id}]`, at);
    this.object.set('len', this.#used);
    return at;
  }
}

function addAccounting(
  types: KernelTypes,
  extensions: Extensions,
  accounting: ConntrackEntry['accounting'],
): void {
  if (accounting === undefined) return;
  const at = extensions.add('ACCT', types.size('nf_conn_acct') ?? 0);
  if (at === undefined) return;
  for (const [index, direction] of (['original', 'reply'] as const).entries()) {
    for (const unit of ['packets', 'bytes'] as const) {
      const place = types.place(`nf_conn_acct.counter[${index}].${unit}`);
      if (place === undefined) continue;
      extensions.object.region.view.setBigUint64(at + place.offset, accounting[direction][unit], true);
    }
  }
}

function addLabel(types: KernelTypes, extensions: Extensions, label: Uint8Array | undefined): void {
  if (label === undefined) return;
  const at = extensions.add('LABELS', types.size('nf_conn_labels') ?? 0);
  if (at !== undefined) extensions.object.region.bytes.set(label, at);
}

/** The master connection with its helper, of which only the name is read. */
function buildMaster(types: KernelTypes, memory: Memory, name: string): KernelObject[] {
  const master = new KernelObject(types, 'nf_conn', memory);
  const helper = new KernelObject(types, 'nf_conntrack_helper', memory);
  const extensions = new Extensions(types, memory);
  const at = extensions.add('HELPER', types.size('nf_conn_help') ?? 8);
  const place = types.place('nf_conn_help.helper');
  helper.setText('name', name);
  master.point('ext', extensions.object);
  if (at !== undefined && place !== undefined) {
    extensions.object.region.view.setBigUint64(at + place.offset, helper.address, true);
  }
  return [master, helper, extensions.object];
}

/** The entry's objects; the first is the nf_conn. */
export function buildConnection(
  types: KernelTypes,
  memory: Memory,
  entry: ConntrackEntry,
  { hz, jiffies }: ConnectionClock,
): KernelObject[] {
  const connection = new KernelObject(types, 'nf_conn', memory);
  connection.set('status', entry.template ? entry.status | templateStatus : entry.status);
  connection.set('mark', entry.mark);
  connection.set(
    'timeout',
    Number(BigInt.asUintN(32, jiffies)) + Math.floor(((entry.expiration ?? 0) * hz) / 1000),
  );
  connection.set('zone.id', entry.zone ?? 0);
  connection.set('zone.flags', 0);
  connection.set(
    'zone.dir',
    entry.zoneDirection === undefined ? bothDirections : directionBit[entry.zoneDirection],
  );
  setTuple(connection, 0, entry.original, entry);
  setTuple(connection, 1, entry.reply, entry);
  const extensions = new Extensions(types, memory);
  addAccounting(types, extensions, entry.accounting);
  addLabel(types, extensions, entry.label);
  connection.point('ext', extensions.object);
  const master = entry.masterHelper === undefined ? [] : buildMaster(types, memory, entry.masterHelper);
  connection.point('master', master[0]);
  return [connection, extensions.object, ...master];
}
