// Payload loads (nft_payload.c; the fast path is in nf_tables_core.c). Facts 14 to 20.

import type { Expression } from '../ir.ts';
import type { Execution } from './execution.ts';
import { packetLength, readBytes } from './packet.ts';
import { breakRule, next, notEvaluable, type Step } from './step.ts';

type Payload = Extract<Expression, { op: 'payload' }>;

const ETHERNET_ADDRESSES = 12;
const ETHERNET_HEADER = 14;
const VLAN_TAG = 4;

/** `nft_payload_select_ops`: aligned powers of two up to 4 bytes, except at the link and inner header. */
function hasFastPath({ base, offset, length }: Payload): boolean {
  const isAligned = (length === 1 || length === 2 || length === 4) && offset % length === 0;
  return isAligned && (base === 'network' || base === 'transport');
}

/** The bytes the fast path reads, which does not look at the fragment offset (fact 14). */
function isInLinearPart({ packet }: Execution, start: number, length: number): boolean {
  return start + length <= (packet.linearEnd ?? packet.bytes.length);
}

function loadTransport(execution: Execution, load: Payload): Uint8Array | Step | undefined {
  const { info, packet, machine } = execution;
  if (!info.l4) return undefined;
  const start = info.l4.transportOffset + load.offset;
  const bytes = readBytes(packet, start, load.length);
  if (info.l4.fragmentOffset === 0) return bytes;
  if (!hasFastPath(load) || !isInLinearPart(execution, start, load.length)) return undefined;
  const ignoresFragments = machine.behaviour.fastLoadIgnoresFragments;
  if (ignoresFragments === 'unknown')
    return notEvaluable('aligned loads in later fragments are not known for this kernel');
  return ignoresFragments ? bytes : undefined;
}

/** The link header with the tag of the metadata put back (`nft_payload_rebuild_vlan_hdr`), then what follows it. */
function rebuiltLinkHeader({ packet }: Execution, macOffset: number): Uint8Array | undefined {
  const { bytes, vlan, protocol } = packet;
  if (!vlan || readBytes(packet, macOffset, ETHERNET_HEADER) === undefined) return undefined;
  const rest = bytes.subarray(macOffset + ETHERNET_HEADER);
  const rebuilt = new Uint8Array(ETHERNET_HEADER + VLAN_TAG + rest.length);
  rebuilt.set(bytes.subarray(macOffset, macOffset + ETHERNET_ADDRESSES));
  const view = new DataView(rebuilt.buffer);
  view.setUint16(12, vlan.protocol);
  view.setUint16(14, vlan.tci);
  view.setUint16(16, protocol);
  rebuilt.set(rest, ETHERNET_HEADER + VLAN_TAG);
  return rebuilt;
}

/** `nft_payload_copy_vlan`: loads behind the rebuilt header do not need its 14 bytes to be there, but they always are. */
function loadLink(execution: Execution, load: Payload): Uint8Array | undefined {
  const { packet } = execution;
  const { macOffset, vlan } = packet;
  // `skb_mac_header_was_set`, and a link header of no length (a tun device) counts as none (fact 17).
  if (macOffset === undefined || macOffset === packet.networkOffset) return undefined;
  const end = load.offset + load.length;
  if (!vlan || end <= ETHERNET_ADDRESSES) return readBytes(packet, macOffset + load.offset, load.length);
  const rebuilt = rebuiltLinkHeader(execution, macOffset);
  return rebuilt && end <= rebuilt.length ? rebuilt.subarray(load.offset, end) : undefined;
}

/** `__nft_payload_inner_offset` (fact 19), for the carriers modelled. */
function loadInner({ packet, info }: Execution, load: Payload): Uint8Array | Step | undefined {
  const l4 = info.l4;
  if (l4?.fragmentOffset !== 0) return undefined;
  if (l4.protocol === 17) return readBytes(packet, l4.transportOffset + 8 + load.offset, load.length);
  if (l4.protocol !== 6)
    return notEvaluable('inner headers other than those in UDP and TCP are not modelled');
  const header = readBytes(packet, l4.transportOffset, 20);
  if (!header) return undefined;
  return readBytes(packet, l4.transportOffset + (header[12]! >> 4) * 4 + load.offset, load.length);
}

function loadBytes(execution: Execution, load: Payload): Uint8Array | Step | undefined {
  switch (load.base) {
    case 'link':
      return loadLink(execution, load);
    case 'network':
      return readBytes(execution.packet, execution.packet.networkOffset + load.offset, load.length);
    case 'transport':
      return loadTransport(execution, load);
    case 'inner':
      return loadInner(execution, load);
    case 'tunnel':
      return notEvaluable('tunnel headers are not modelled');
  }
}

/** `nft_payload_eval`: what cannot be read ends the rule, whatever test follows (fact 15). */
export function evaluatePayload(execution: Execution, load: Payload): Step {
  if (packetLength(execution.packet) < 0) return breakRule;
  const loaded = loadBytes(execution, load);
  if (loaded === undefined) return breakRule;
  if (!(loaded instanceof Uint8Array)) return loaded;
  execution.registers.write(load.dest, loaded);
  return next;
}
