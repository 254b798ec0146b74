// What is the same for every packet at the hooks of a device.

import type { Source } from '../flow/field.ts';
import type { Place } from './target.ts';

/** ARPHRD_ETHER: programs at a device are for Ethernet (docs/hooks.md). */
const ethernetType = Uint8Array.of(1, 0);
const netdev = Uint8Array.of(5);
const noIndex = new Uint8Array(4);
const noName = new Uint8Array(16);

/** At ingress there is no output device and at egress no input device. `meta nfproto` is netdev's, 5. */
export function ingressConstant(source: Source, place: Place): Uint8Array | undefined {
  if (source.from !== 'meta') return undefined;
  const isIngress = place.hook === 'ingress';
  switch (source.key) {
    case 'nfproto':
      return place.family === 'netdev' ? netdev : undefined;
    case 'oif':
      return isIngress ? noIndex : undefined;
    case 'oifname':
      return isIngress ? noName : undefined;
    case 'iif':
      return isIngress ? undefined : noIndex;
    case 'iifname':
      return isIngress ? undefined : noName;
    // skb->dev's type, whichever side it is on (fact 52).
    case 'iiftype':
      return ethernetType;
    case 'oiftype':
      return isIngress ? undefined : ethernetType;
    default:
      return undefined;
  }
}
