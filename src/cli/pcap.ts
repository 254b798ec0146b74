// Reads the classic pcap capture format (draft-ietf-opsawg-pcap): a 24-byte header, then records. Either byte order,
// micro- or nanosecond times. pcapng is another format and is named in the error.

import { FileError } from './files.ts';

export interface Capture {
  /** Whether the packets begin with an Ethernet header or with the IP header. */
  readonly from: 'l2' | 'l3';
  readonly packets: readonly Uint8Array[];
}

const magicNumbers = [0xa1b2c3d4, 0xa1b23c4d];
const pcapngMagic = 0x0a0d0d0a;
/** LINKTYPE_ETHERNET, LINKTYPE_RAW and its two cousins for one family. */
const linkTypes: Readonly<Record<number, Capture['from']>> = { 1: 'l2', 101: 'l3', 228: 'l3', 229: 'l3' };

export function readCapture(name: string, bytes: Uint8Array): Capture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 24) throw new FileError(`${name}: too short for a pcap capture`);
  if (view.getUint32(0) === pcapngMagic) {
    throw new FileError(
      `${name}: this is pcapng; convert it to pcap (editcap -F pcap, or tcpdump -r … -w …)`,
    );
  }
  const littleEndian = magicNumbers.includes(view.getUint32(0, true));
  if (!littleEndian && !magicNumbers.includes(view.getUint32(0)))
    throw new FileError(`${name}: not a pcap capture`);
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  const from = linkTypes[linkType];
  if (from === undefined)
    throw new FileError(`${name}: link type ${linkType} is neither Ethernet nor raw IP`);
  return { from, packets: readRecords(name, bytes, view, littleEndian) };
}

function readRecords(name: string, bytes: Uint8Array, view: DataView, littleEndian: boolean): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 24; at < bytes.length; ) {
    const captured = at + 16 <= bytes.length ? view.getUint32(at + 8, littleEndian) : Number.NaN;
    const start = at + 16;
    if (!(start + captured <= bytes.length))
      throw new FileError(`${name}: record ${packets.length + 1} is cut off`);
    if (captured < view.getUint32(at + 12, littleEndian)) {
      throw new FileError(
        `${name}: packet ${packets.length + 1} was captured in part only (use a larger snapshot length)`,
      );
    }
    packets.push(bytes.subarray(start, start + captured));
    at = start + captured;
  }
  return packets;
}
