// Which extension headers and options can be read, the same at all targets.

import type { Source } from '../flow/field.ts';

type Header = Extract<Source, { from: 'exthdr' }>;

export function refuseHeader({ header }: Header): string | undefined {
  if (header === 'ipv6' || header === 'tcpopt' || header === 'sctp') return undefined;
  return `${header} options are not translated yet`;
}
