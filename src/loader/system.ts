// The one place where the kernel is called: bpf(2) through koffi, which is an optional dependency. Synchronous, on
// the calling thread, so that a caller may have entered a network namespace.

import { readFileSync } from 'node:fs';
import type { Attribute } from './attribute.ts';
import { failure, type Result, success, systemFailure } from './error.ts';

/** Number of bpf(2) by machine. */
const bpfNumber: Readonly<Record<string, number>> = { x64: 321, arm64: 280, riscv64: 280, loong64: 280 };

export interface System {
  /** Calls bpf(2); the value is what it returns (mostly a descriptor). `log` is asked for only on failure. */
  readonly bpf: (
    operation: BpfCommand,
    attribute: Attribute,
    log?: () => string | undefined,
  ) => Result<number>;
  /** The address of a buffer's first byte. The buffer must be kept referenced as long as the kernel may use it. */
  readonly addressOf: (bytes: Uint8Array) => bigint;
  readonly close: (descriptor: number) => void;
  /** Maps memory of a descriptor (mmap(2), shared). `offset` and `length` are multiples of `pageSize`. */
  readonly mapMemory: (
    descriptor: number,
    offset: number,
    length: number,
    access: 'read' | 'write',
  ) => Result<MappedMemory>;
  /** Bytes. */
  readonly pageSize: number;
  /** The index of a network device of the calling thread's namespace, or undefined. */
  readonly deviceIndex: (name: string) => number | undefined;
  /** The machine's clocks: what a map of role `clock` wants to know. */
  readonly clock: () => ClockDifference;
  /** How many values an entry of a per-CPU map has. */
  readonly possibleCpus: number;
}

export interface ClockDifference {
  /** Nanoseconds that CLOCK_TAI is ahead of CLOCK_REALTIME: whole seconds. */
  readonly taiOffset: bigint;
  /** Minutes that the kernel's time zone is west of UTC. */
  readonly minutesWest: number;
}

/** `bytes` must not be touched any more once it is unmapped. */
export interface MappedMemory {
  readonly bytes: Uint8Array;
  readonly unmap: () => void;
}

/** Commands of bpf(2), uapi/linux/bpf.h. */
export const bpfCommands = {
  BPF_MAP_CREATE: 0,
  BPF_MAP_LOOKUP_ELEM: 1,
  BPF_MAP_UPDATE_ELEM: 2,
  BPF_MAP_DELETE_ELEM: 3,
  BPF_MAP_GET_NEXT_KEY: 4,
  BPF_PROG_LOAD: 5,
  BPF_PROG_TEST_RUN: 10,
  BPF_BTF_LOAD: 18,
  BPF_MAP_FREEZE: 22,
  BPF_MAP_UPDATE_BATCH: 26,
  BPF_LINK_CREATE: 28,
  BPF_LINK_DETACH: 34,
} as const;
export type BpfCommand = keyof typeof bpfCommands;

/** `0-3,8` has five. */
function countCpus(list: string): number {
  let count = 0;
  for (const range of list.trim().split(',')) {
    const [first, last = first] = range.split('-').map(Number);
    if (first !== undefined && last !== undefined) count += last - first + 1;
  }
  return count;
}

type Koffi = typeof import('koffi').default;

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffffffffffffffffn;

type Library = ReturnType<Koffi['load']>;

const CLOCK_REALTIME = 0;
const CLOCK_TAI = 11;

function bindClock(library: Library): () => ClockDifference {
  const getTime = library.func('int clock_gettime(int clock, _Out_ uint8 *time)');
  const getZone = library.func('int gettimeofday(void *time, _Out_ uint8 *zone)');
  const now = (clock: number): bigint => {
    const time = new Uint8Array(16);
    getTime(clock, time);
    const view = new DataView(time.buffer);
    return view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true);
  };
  return () => {
    const zone = new Uint8Array(8);
    getZone(null, zone);
    // The clocks are read one after the other, and differ by whole seconds.
    const seconds = Math.round(Number(now(CLOCK_TAI) - now(CLOCK_REALTIME)) / 1e9);
    return {
      taiOffset: BigInt(seconds) * 1_000_000_000n,
      minutesWest: new DataView(zone.buffer).getInt32(0, true),
    };
  };
}

function bindMemory(
  koffi: Koffi,
  library: Library,
  nameOf: (errno: number) => string,
): Pick<System, 'mapMemory' | 'pageSize'> {
  const map = library.func(
    'void *mmap(void *address, size_t length, int protection, int flags, int descriptor, int64 offset)',
  );
  const unmap = library.func('int munmap(void *address, size_t length)');
  return {
    pageSize: Number(library.func('int getpagesize()')()),
    mapMemory: (descriptor, offset, length, access) => {
      const protection = access === 'write' ? PROT_READ | PROT_WRITE : PROT_READ;
      const place = map(null, length, protection, MAP_SHARED, descriptor, offset);
      if (place === null || koffi.address(place) === MAP_FAILED) {
        const errno = koffi.errno();
        return systemFailure('mmap', errno, nameOf(errno));
      }
      const bytes = new Uint8Array(koffi.view(place, length));
      return success({
        bytes,
        unmap: () => {
          unmap(place, length);
        },
      });
    },
  };
}

function bind(koffi: Koffi, number: number, possibleCpus: number): System {
  const library = koffi.load(null);
  const syscall = library.func(
    'long syscall(long number, long command, _Inout_ uint8 *attribute, ulong size)',
  );
  const close = library.func('int close(int descriptor)');
  const nameToIndex = library.func('unsigned int if_nametoindex(const char *name)');
  const nameOf = (errno: number): string =>
    Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `error ${errno}`;
  return {
    bpf: (operation, attribute, log) => {
      const result = Number(syscall(number, bpfCommands[operation], attribute.bytes, attribute.bytes.length));
      // Read before anything else can change it; the log is read from a buffer that the kernel has filled.
      const errno = result < 0 ? koffi.errno() : 0;
      attribute.release();
      return result < 0 ? systemFailure(operation, errno, nameOf(errno), log?.()) : success(result);
    },
    addressOf: bytes => koffi.address(bytes),
    close: descriptor => {
      close(descriptor);
    },
    deviceIndex: name => nameToIndex(name) || undefined,
    ...bindMemory(koffi, library, nameOf),
    clock: bindClock(library),
    possibleCpus,
  };
}

/** Binds the system calls. Fails where there is no koffi, no Linux or a machine with another calling convention. */
export async function openSystem(): Promise<Result<System>> {
  const number = bpfNumber[process.arch];
  if (process.platform !== 'linux' || number === undefined) {
    return failure(
      'unsupported-platform',
      'bpf',
      `bpf(2) is not available on ${process.platform} ${process.arch}`,
    );
  }
  try {
    const { default: koffi } = await import('koffi');
    return success(bind(koffi, number, countCpus(readFileSync('/sys/devices/system/cpu/possible', 'utf8'))));
  } catch (error) {
    return failure('no-koffi', 'bpf', `the package koffi cannot be used: ${String(error)}`);
  }
}
