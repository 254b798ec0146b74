// The user and group behind a packet's socket, as nf_tables asks for them (nft_meta_get_eval_skugid; fact 55 of
// docs/semantics.md): those of the socket's file, where there is a full socket of this network namespace with a file. A
// request that is not a socket yet stands for its listener.

import {
  callKfunc,
  jumpIf,
  load,
  loadField,
  mov64,
  movType,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
} from '../../bpf-asm/build.ts';
import type { Code } from '../select/code.ts';
import { netfilter } from './context.ts';

/** enum: TCP_TIME_WAIT, TCP_NEW_SYN_RECV. */
const TIME_WAIT = 6;
const NEW_SYN_RECV = 12;

/** R1 = the credentials, of a netfilter program's packet (R6 is the context); R0 to R5 are used. */
export function loadCredentials(code: Code, absent: string): void {
  const found = code.fresh('socket');
  code.emit(load(8, R1, R6, netfilter.skb), loadField(8, R1, R1, 'sk_buff.sk'), jumpIf('eq', R1, 0, absent));
  code.emit(loadField(1, R2, R1, 'sock.__sk_common.skc_state'), jumpIf('ne', R2, NEW_SYN_RECV, found));
  code.emit(loadField(8, R1, R1, 'sock.__sk_common.skc_listener'), jumpIf('eq', R1, 0, absent));
  code.label(found);
  code.emit(movType(R2, 'sock'), callKfunc('bpf_rdonly_cast'), mov64(R1, R0));
  code.emit(loadField(1, R2, R1, 'sock.__sk_common.skc_state'), jumpIf('eq', R2, TIME_WAIT, absent));
  code.emit(jumpIf('eq', R2, NEW_SYN_RECV, absent), loadField(8, R3, R1, 'sock.__sk_common.skc_net.net'));
  code.emit(load(8, R4, R6, netfilter.state), loadField(8, R4, R4, 'nf_hook_state.net'));
  code.emit(jumpIf('ne', R3, R4, absent));
  for (const member of ['sock.sk_socket', 'socket.file', 'file.f_cred']) {
    code.emit(loadField(8, R1, R1, member), jumpIf('eq', R1, 0, absent));
  }
}
