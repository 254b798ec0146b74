// System calls that node has no binding for. All of them are synchronous and act on the calling thread: that is
// what makes it safe to enter a network namespace for the length of one function call (see namespace.ts).

import koffi from 'koffi';

const library = koffi.load(null);
const unshareCall = library.func('int unshare(int flags)');
const setnsCall = library.func('int setns(int fd, int type)');
const openCall = library.func('int open(const char *path, int flags)');
const closeCall = library.func('int close(int fd)');
const readCall = library.func('int64 read(int fd, _Out_ uint8 *data, uint64 length)');
const writeCall = library.func('int64 write(int fd, uint8 *data, uint64 length)');
const ioctlCall = library.func('int ioctl(int fd, unsigned long request, _Inout_ uint8 *argument)');
const socketCall = library.func('int socket(int domain, int type, int protocol)');
const bindCall = library.func('int bind(int fd, uint8 *address, uint32 length)');
const sendtoCall = library.func(
  'int64 sendto(int fd, uint8 *data, uint64 length, int flags, uint8 *address, uint32 addressLength)',
);
const setsockoptCall = library.func(
  'int setsockopt(int fd, int level, int name, uint8 *value, uint32 length)',
);

export const CLONE_NEWNET = 0x40000000;
export const O_RDWR = 2;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC: number = O_CLOEXEC;
export const SOCK_NONBLOCK: number = O_NONBLOCK;

/** A system call that failed; `errno` is its number, `name` its symbol. */
export class SystemError extends Error {
  readonly errno: number;
  constructor(call: string, errno: number) {
    const symbol = Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? String(errno);
    super(`${call}: ${symbol}`);
    this.errno = errno;
  }
}

function checked(call: string, result: number): number {
  if (result < 0) throw new SystemError(call, koffi.errno());
  return result;
}

/** Moves the calling thread into a new network namespace. */
export function unshareNetwork(): void {
  checked('unshare', unshareCall(CLONE_NEWNET));
}

/** Moves the calling thread into the network namespace that `fd` stands for. */
export function setNetwork(fd: number): void {
  checked('setns', setnsCall(fd, CLONE_NEWNET));
}

export function open(path: string, flags: number): number {
  return checked(`open ${path}`, openCall(path, flags | O_CLOEXEC));
}

export function close(fd: number): void {
  checked('close', closeCall(fd));
}

/** What one read gives, or undefined if nothing is there now (a non-blocking descriptor). */
export function read(fd: number, buffer: Uint8Array): Uint8Array | undefined {
  const length = readCall(fd, buffer, buffer.length);
  if (length >= 0) return buffer.slice(0, length);
  if (koffi.errno() === koffi.os.errno['EAGAIN']) return undefined;
  throw new SystemError('read', koffi.errno());
}

/** Writes all of `data` in one call. */
export function write(fd: number, data: Uint8Array): void {
  checked('write', writeCall(fd, data, data.length));
}

/** `argument` is read and written in place. */
export function ioctl(fd: number, request: number, argument: Uint8Array): void {
  checked(`ioctl 0x${request.toString(16)}`, ioctlCall(fd, request, argument));
}

/** A socket that children do not inherit. */
export function socket(domain: number, type: number, protocol: number): number {
  return checked('socket', socketCall(domain, type | SOCK_CLOEXEC, protocol));
}

export function bind(fd: number, address: Uint8Array): void {
  checked('bind', bindCall(fd, address, address.length));
}

/** Returns 0 or the error's number: a hook that drops a packet makes the sending call fail. */
export function sendTo(fd: number, data: Uint8Array, address: Uint8Array): number {
  return sendtoCall(fd, data, data.length, 0, address, address.length) < 0 ? koffi.errno() : 0;
}

export function setSocketOption(fd: number, level: number, name: number, value: number): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  checked('setsockopt', setsockoptCall(fd, level, name, bytes, 4));
}
