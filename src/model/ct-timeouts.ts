// States of a connection that have timeouts of their own, in the kernel's order, with the seconds that it waits unless it
// is told otherwise.

export const connectionTimeouts: Readonly<Record<'tcp' | 'udp', ReadonlyMap<string, bigint>>> = {
  tcp: new Map([
    ['syn_sent', 120n],
    ['syn_recv', 60n],
    ['established', 432000n],
    ['fin_wait', 120n],
    ['close_wait', 60n],
    ['last_ack', 30n],
    ['time_wait', 120n],
    ['close', 10n],
    ['syn_sent2', 120n],
    ['retrans', 300n],
    ['unack', 300n],
  ]),
  udp: new Map([
    ['unreplied', 30n],
    ['replied', 120n],
  ]),
};
