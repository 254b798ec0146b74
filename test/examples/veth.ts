// What the shell scripts of these tests share: a device that gets frames, and frames for it.

import { fileURLToPath } from 'node:url';

/** Frames that peer0 sends come in at eth0. */
export const onVeth = `
  ip link add eth0 address 02:00:00:00:00:02 type veth peer name peer0
  ip addr add 192.0.2.254/24 dev eth0
  for device in lo eth0 peer0; do ip link set $device up; done
  ip route add default dev eth0
`;

/** One datagram from each source; prints the sources that got through, in order. */
export function traffic(sources: readonly (string | undefined)[]): string {
  return `python3 ${fileURLToPath(new URL('traffic.py', import.meta.url))} ${sources.join(' ')}`;
}
