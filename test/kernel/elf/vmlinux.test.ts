// The BTF reader on the running kernel's own BTF, against two other readers of it: bpftool, type by type, and clang, which
// lays out the structures that bpftool prints as C.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kfuncPrototypes } from '../../../src/bpf-asm/btf/kfuncs.ts';
import {
  enumValue,
  fieldOffset,
  findField,
  functionId,
  resolveType,
  structureId,
} from '../../../src/bpf-asm/btf/layout.ts';
import { type Btf, findTypes, readBtf, typeAt } from '../../../src/bpf-asm/btf/read.ts';
import type { BtfMember, BtfType, TypeId } from '../../../src/bpf-asm/btf/types.ts';
import { fieldKinds } from '../../../src/lower/output/field-kinds.ts';
import { isMissing } from '../../support/requirements.ts';

const path = '/sys/kernel/btf/vmlinux';
const enormous = 1 << 28;

/** One type as `bpftool -j btf dump` prints it. */
interface Dumped {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly [key: string]: unknown;
}

const anonymous = '(anon)';
const named = (name: string): string => (name === '' ? anonymous : name);

/** Our type in bpftool's words. */
function inBpftoolWords(id: TypeId, type: BtfType): object {
  const kind = type.kind.toUpperCase();
  const head = { id, kind, name: named('name' in type ? type.name : '') };
  switch (type.kind) {
    case 'int': {
      const encoding = { unsigned: '(none)', signed: 'SIGNED', char: 'CHAR', bool: 'BOOL' }[type.encoding];
      return { ...head, size: type.size, bits_offset: 0, nr_bits: type.bits, encoding };
    }
    case 'array':
      return { ...head, type_id: type.type, index_type_id: type.index, nr_elems: type.length };
    case 'struct':
    case 'union': {
      const members = type.members.map(({ name, type: type_id, bitOffset, bitSize }) => ({
        name: named(name),
        type_id,
        bits_offset: bitOffset,
        ...(bitSize > 0 ? { bitfield_size: bitSize } : {}),
      }));
      return { ...head, size: type.size, vlen: members.length, members };
    }
    case 'enum':
    case 'enum64': {
      // bpftool 7.1 sign-extends 32-bit values and then prints them as unsigned.
      const printed = (value: bigint): bigint =>
        type.signed || type.kind === 'enum64' ? value : BigInt.asUintN(64, BigInt.asIntN(32, value));
      const values = type.values.map(({ name, value }) => ({ name, val: Number(printed(value)) }));
      const encoding = type.signed ? 'SIGNED' : 'UNSIGNED';
      return { ...head, encoding, size: type.size, vlen: values.length, values };
    }
    case 'fwd':
      return { ...head, fwd_kind: type.union ? 'union' : 'struct' };
    case 'func':
    case 'var':
      return { ...head, type_id: type.type, linkage: type.linkage };
    case 'func_proto': {
      const params = type.parameters.map(({ name, type: type_id }) => ({ name: named(name), type_id }));
      return { ...head, ret_type_id: type.returns, vlen: params.length, params };
    }
    case 'datasec': {
      const vars = type.variables.map(({ type: type_id, offset, size }) => ({ type_id, offset, size }));
      return { ...head, size: type.size, vlen: vars.length, vars };
    }
    case 'float':
      return { ...head, size: type.size };
    case 'decl_tag':
      return { ...head, type_id: type.type, component_idx: type.component };
    default:
      return { ...head, type_id: type.type };
  }
}

/** Paths to the members of a structure, those of anonymous members included; bit-fields have no offset in C. */
function memberPaths(btf: Btf, id: TypeId): string[] {
  const { type } = resolveType(btf, id);
  if (type?.kind !== 'struct' && type?.kind !== 'union') return [];
  const pathsOf = ({ name, type: inner, bitSize }: BtfMember): string[] =>
    bitSize > 0 ? [] : name === '' ? memberPaths(btf, inner) : [name];
  return type.members.flatMap(pathsOf);
}

/** What clang says of `offsetof(struct root, rest)` for each path. */
function clangOffsets(folder: string, paths: readonly string[]): number[] {
  writeFileSync(
    join(folder, 'vmlinux.h'),
    execFileSync('bpftool', ['btf', 'dump', 'file', path, 'format', 'c'], { maxBuffer: enormous }),
  );
  const values = paths.map(name => {
    const [root, ...rest] = name.split('.');
    return `__builtin_offsetof(struct ${root}, ${rest.join('.')})`;
  });
  const table = `const unsigned int offsets[] __attribute__((section("table"))) = { ${values.join(',\n')} };\n`;
  writeFileSync(join(folder, 'offsets.c'), `#include "vmlinux.h"\n${table}`);
  execFileSync('clang', ['-w', '-target', 'bpf', '-c', 'offsets.c', '-o', 'offsets.o'], { cwd: folder });
  execFileSync('llvm-objcopy-19', ['--dump-section', 'table=offsets.bin', 'offsets.o'], { cwd: folder });
  const bytes = readFileSync(join(folder, 'offsets.bin'));
  return paths.map((_, index) => bytes.readUInt32LE(index * 4));
}

function unwrap<T>(result: { ok: true; value: T } | { ok: false; failure: { message: string } }): T {
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

describe.skipIf(isMissing('bpftool', 'vmlinux'))('the BTF of the running kernel', () => {
  let btf: Btf;
  beforeAll(() => {
    btf = unwrap(readBtf(new Uint8Array(readFileSync(path))));
  });

  it('has the types that bpftool reads, all of them', () => {
    const text = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', path], {
      encoding: 'utf8',
      maxBuffer: enormous,
    });
    const dumped: Dumped[] = JSON.parse(text).types;
    expect(btf.count).toBe(dumped.length);
    const different = dumped.filter(expected => {
      const type = typeAt(btf, expected.id);
      return (
        type === undefined || JSON.stringify(inBpftoolWords(expected.id, type)) !== JSON.stringify(expected)
      );
    });
    expect(different.slice(0, 5).map(({ id }) => [inBpftoolWords(id, typeAt(btf, id)!), id])).toEqual([]);
  });

  it('answers for names and enumerators', () => {
    expect(typeAt(btf, unwrap(structureId(btf, 'nf_conn')))).toMatchObject({
      kind: 'struct',
      name: 'nf_conn',
    });
    expect(typeAt(btf, unwrap(functionId(btf, 'bpf_dynptr_from_skb')))).toMatchObject({
      kind: 'func',
      name: 'bpf_dynptr_from_skb',
    });
    // uapi/linux/netfilter/nf_conntrack_common.h
    expect(unwrap(enumValue(btf, 'ip_conntrack_status', 'IPS_CONFIRMED'))).toBe(8n);
    expect(findTypes(btf, 'nf_conn_', ['struct'])).toEqual([]);
  });

  it('names what is not there', () => {
    expect(fieldOffset(btf, 'sk_buff.no_such')).toMatchObject({ ok: false, failure: { code: 'not-found' } });
    expect(fieldOffset(btf, 'no_such.len')).toMatchObject({ ok: false, failure: { code: 'not-found' } });
    expect(fieldOffset(btf, 'sk_buff')).toMatchObject({ ok: false, failure: { code: 'malformed' } });
    expect(fieldOffset(btf, 'net_device.name[16]')).toMatchObject({ ok: false });
    expect(functionId(btf, 'no_such')).toMatchObject({ ok: false, failure: { code: 'not-found' } });
  });

  it('takes kfuncs as their prototypes are declared here', () => {
    const missing = Object.keys(kfuncPrototypes).filter(name => !functionId(btf, name).ok);
    expect(missing).toEqual([]);
    for (const [name, text] of Object.entries(kfuncPrototypes)) {
      const func = typeAt(btf, unwrap(functionId(btf, name)));
      const proto = func?.kind === 'func' ? typeAt(btf, func.type) : undefined;
      if (proto?.kind !== 'func_proto') throw new Error(name);
      const kinds = `${shape(proto.returns)}(${proto.parameters.map(({ type }) => shape(type)).join(', ')})`;
      expect([name, kinds]).toEqual([name, text.replace(/\b(int|u32|u64)\b/g, 'number')]);
    }
  });

  it('has members of the kinds that objects declare', () => {
    const found = Object.keys(fieldKinds).map(path => [path, fieldKind(unwrap(findField(btf, path)).type)]);
    expect(Object.fromEntries(found)).toEqual(fieldKinds);
  });

  function fieldKind(id: TypeId): string {
    const { type } = resolveType(btf, id);
    switch (type?.kind) {
      case 'int':
        return type.encoding === 'signed' ? 'signed' : 'unsigned';
      case 'array':
        return type.length === 0 ? 'marker' : `${fieldKind(type.type)}[]`;
      case 'ptr':
        return 'pointer';
      default:
        return type?.kind ?? 'void';
    }
  }

  /** The kinds that libbpf compares: pointers all the way down, then number, structure or void. */
  function shape(id: TypeId): string {
    const { type } = resolveType(btf, id);
    if (type === undefined) return 'void';
    if (type.kind === 'ptr') return `${shape(type.type)}*`;
    return type.kind === 'int' ? 'number' : type.kind;
  }
});

describe.skipIf(isMissing('bpftool', 'clang', 'objdump', 'vmlinux'))('member offsets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-btf-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are those of the C compiler', () => {
    const btf = unwrap(readBtf(new Uint8Array(readFileSync(path))));
    const roots = ['sk_buff', 'nf_hook_state', 'net_device', 'nf_conn', 'sock', 'iphdr', 'xdp_buff'];
    const members = roots.flatMap(root =>
      memberPaths(btf, unwrap(structureId(btf, root))).map(member => `${root}.${member}`),
    );
    const paths = [
      ...members,
      'nf_conn.tuplehash[1].tuple.dst.u.all',
      'nf_conn.tuplehash[1].tuple.src.u3.ip6[3]',
      'net_device.name[7]',
      'sock.__sk_common.skc_family',
      'sk_buff.cb[47]',
    ];
    expect(paths.length).toBeGreaterThan(250);
    const expected = clangOffsets(folder, paths);
    expect(paths.map(name => [name, unwrap(findField(btf, name)).bitOffset / 8])).toEqual(
      paths.map((name, index) => [name, expected[index]]),
    );
  });
});
