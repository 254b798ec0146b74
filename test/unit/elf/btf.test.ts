// The BTF writer, read by bpftool; and the reader on what is not BTF.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readBtfExt, writeBtfExt } from '../../../src/bpf-asm/btf/ext.ts';
import { fieldOffset, findField, sizeOf, structureId } from '../../../src/bpf-asm/btf/layout.ts';
import { readBtf, typeAt } from '../../../src/bpf-asm/btf/read.ts';
import type { BtfType } from '../../../src/bpf-asm/btf/types.ts';
import { BtfBuilder } from '../../../src/bpf-asm/btf/write.ts';
import { isMissing } from '../../support/requirements.ts';

/** One type of each kind, and what `bpftool btf dump` says of it. */
const types: readonly (readonly [BtfType, string])[] = [
  [
    { kind: 'int', name: 'int', size: 4, bits: 32, encoding: 'signed' },
    "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED",
  ],
  [{ kind: 'ptr', type: 1 }, "[2] PTR '(anon)' type_id=1"],
  [
    { kind: 'array', type: 1, index: 1, length: 7 },
    "[3] ARRAY '(anon)' type_id=1 index_type_id=1 nr_elems=7",
  ],
  [
    {
      kind: 'struct',
      name: 'pair',
      size: 16,
      members: [
        { name: 'first', type: 1, bitOffset: 0, bitSize: 0 },
        { name: '', type: 2, bitOffset: 64, bitSize: 0 },
      ],
    },
    "[4] STRUCT 'pair' size=16 vlen=2\n\t'first' type_id=1 bits_offset=0\n\t'(anon)' type_id=2 bits_offset=64",
  ],
  [
    { kind: 'union', name: 'bits', size: 4, members: [{ name: 'low', type: 1, bitOffset: 3, bitSize: 5 }] },
    "[5] UNION 'bits' size=4 vlen=1\n\t'low' type_id=1 bits_offset=3 bitfield_size=5",
  ],
  [
    { kind: 'enum', name: 'sign', size: 4, signed: true, values: [{ name: 'MINUS', value: -1n }] },
    "[6] ENUM 'sign' encoding=SIGNED size=4 vlen=1\n\t'MINUS' val=-1",
  ],
  [{ kind: 'fwd', name: 'later', union: true }, "[7] FWD 'later' fwd_kind=union"],
  [{ kind: 'typedef', name: 's32', type: 1 }, "[8] TYPEDEF 's32' type_id=1"],
  [{ kind: 'volatile', type: 1 }, "[9] VOLATILE '(anon)' type_id=1"],
  [{ kind: 'const', type: 1 }, "[10] CONST '(anon)' type_id=1"],
  [{ kind: 'restrict', type: 2 }, "[11] RESTRICT '(anon)' type_id=2"],
  [{ kind: 'func', name: 'f', type: 13, linkage: 'extern' }, "[12] FUNC 'f' type_id=13 linkage=extern"],
  [
    { kind: 'func_proto', returns: 1, parameters: [{ name: 'a', type: 2 }] },
    "[13] FUNC_PROTO '(anon)' ret_type_id=1 vlen=1\n\t'a' type_id=2",
  ],
  [{ kind: 'var', name: 'v', type: 1, linkage: 'global' }, "[14] VAR 'v' type_id=1, linkage=global"],
  [
    { kind: 'datasec', name: '.maps', size: 4, variables: [{ type: 14, offset: 0, size: 4 }] },
    "[15] DATASEC '.maps' size=4 vlen=1\n\ttype_id=14 offset=0 size=4 (VAR 'v')",
  ],
  [{ kind: 'float', name: 'double', size: 8 }, "[16] FLOAT 'double' size=8"],
  [
    { kind: 'decl_tag', name: 'tag', type: 14, component: -1 },
    "[17] DECL_TAG 'tag' type_id=14 component_idx=-1",
  ],
  [{ kind: 'type_tag', name: 'user', type: 1 }, "[18] TYPE_TAG 'user' type_id=1"],
  [
    {
      kind: 'enum64',
      name: 'wide',
      size: 8,
      signed: false,
      values: [{ name: 'TOP', value: 0x8000000100000002n }],
    },
    "[19] ENUM64 'wide' encoding=UNSIGNED size=8 vlen=1\n\t'TOP' val=9223372041149743106ULL",
  ],
  [
    { kind: 'int', name: 'bool', size: 1, bits: 8, encoding: 'bool' },
    "[20] INT 'bool' size=1 bits_offset=0 nr_bits=8 encoding=BOOL",
  ],
];

function build(list: readonly BtfType[]): Uint8Array {
  const builder = new BtfBuilder();
  for (const type of list) builder.add(type);
  const built = builder.build();
  if (!built.ok) throw new Error(built.failure.message);
  return built.value;
}

function readBack(list: readonly BtfType[]): Parameters<typeof typeAt>[0] {
  const btf = readBtf(build(list));
  if (!btf.ok) throw new Error(btf.failure.message);
  return btf.value;
}

describe('the BTF writer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-btf-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.skipIf(isMissing('bpftool'))('writes every kind as bpftool reads it', () => {
    const file = join(folder, 'all.btf');
    writeFileSync(file, build(types.map(([type]) => type)));
    const text = execFileSync('bpftool', ['btf', 'dump', 'file', file], { encoding: 'utf8' });
    expect(text.trimEnd()).toBe(types.map(([, line]) => line).join('\n'));
  });

  it('says what it cannot hold', () => {
    const wide = new BtfBuilder();
    wide.add({ kind: 'enum', name: 'e', size: 4, signed: false, values: [{ name: 'A', value: 1n << 32n }] });
    expect(wide.build()).toMatchObject({ ok: false, failure: { code: 'out-of-range' } });

    const many = new BtfBuilder();
    const parameters = Array.from({ length: 65536 }, (_, index) => ({ name: `p${index}`, type: 1 }));
    many.add({ kind: 'func_proto', returns: 0, parameters });
    expect(many.build()).toMatchObject({ ok: false, failure: { code: 'out-of-range' } });

    const far = new BtfBuilder();
    const members = [{ name: 'm', type: 1, bitOffset: 0x1000000, bitSize: 1 }];
    far.add({ kind: 'struct', name: 's', size: 1, members });
    expect(far.build()).toMatchObject({ ok: false, failure: { code: 'out-of-range' } });

    const large = new BtfBuilder();
    for (let i = 0; i < 17; i++) large.string(`${i}${'x'.repeat(1 << 20)}`);
    expect(large.build()).toMatchObject({ ok: false, failure: { code: 'out-of-range' } });
  });

  it('shares equal types and strings', () => {
    const builder = new BtfBuilder();
    const int: BtfType = { kind: 'int', name: 'int', size: 4, bits: 32, encoding: 'signed' };
    expect([builder.share(int), builder.share({ kind: 'ptr', type: 1 }), builder.share({ ...int })]).toEqual([
      1, 2, 1,
    ]);
    expect(builder.string('int')).toBe(builder.string('int'));
  });
});

describe('the BTF reader', () => {
  it('reads the other byte order', () => {
    const bytes = build([{ kind: 'ptr', type: 5 }]);
    const view = new DataView(bytes.slice().buffer);
    // Header and the one record: two bytes of magic, then words (version, flags and strings are single bytes).
    const source = new DataView(bytes.buffer);
    view.setUint16(0, source.getUint16(0, true));
    for (let at = 4; at < 24 + 12; at += 4) view.setUint32(at, source.getUint32(at, true));
    const btf = readBtf(new Uint8Array(view.buffer));
    expect(btf).toMatchObject({ ok: true, value: { littleEndian: false, count: 1 } });
    expect(btf.ok && typeAt(btf.value, 1)).toEqual({ kind: 'ptr', type: 5 });
  });

  it('refuses what is not BTF, or only part of it', () => {
    const whole = build(types.map(([type]) => type));
    expect(readBtf(new Uint8Array(24))).toMatchObject({ failure: { code: 'bad-magic' } });
    for (let length = 0; length < whole.length; length++) {
      expect(readBtf(whole.subarray(0, length))).toMatchObject({ ok: false });
    }
    const kind31 = whole.slice();
    kind31[24 + 7] = 31;
    expect(readBtf(kind31)).toMatchObject({ failure: { code: 'unsupported', offset: 24 } });
  });

  it('never throws on damaged bytes, whatever is asked of them', () => {
    const whole = build(types.map(([type]) => type));
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, changes => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const btf = readBtf(bytes);
        if (!btf.ok) return;
        for (let id = 0; id <= btf.value.count + 1; id++) {
          typeAt(btf.value, id);
          sizeOf(btf.value, id);
        }
        findField(btf.value, 'pair.none');
        structureId(btf.value, 'pair');
      }),
      { numRuns: 2000 },
    );
  });

  it('ends on types that contain themselves', () => {
    const loop = readBack([
      { kind: 'typedef', name: 't', type: 1 },
      {
        kind: 'struct',
        name: 's',
        size: 8,
        members: [0, 1, 2].map(() => ({ name: '', type: 2, bitOffset: 0, bitSize: 0 })),
      },
      { kind: 'array', type: 3, index: 3, length: 2 },
    ]);
    expect(fieldOffset(loop, 's.m')).toMatchObject({ ok: false, failure: { code: 'not-found' } });
    expect([sizeOf(loop, 1), sizeOf(loop, 3)]).toEqual([undefined, undefined]);
  });

  it('does not choose between structures of one name', () => {
    const member = (bitOffset: number): BtfType => ({
      kind: 'struct',
      name: 's',
      size: 16,
      members: [{ name: 'm', type: 1, bitOffset, bitSize: 0 }],
    });
    const int: BtfType = { kind: 'int', name: 'int', size: 4, bits: 32, encoding: 'signed' };
    expect(fieldOffset(readBack([int, member(32), member(32)]), 's.m')).toEqual({ ok: true, value: 4 });
    expect(fieldOffset(readBack([int, member(32), member(64)]), 's.m')).toMatchObject({
      failure: { code: 'ambiguous' },
    });
    expect(structureId(readBack([int, member(32), member(32)]), 's')).toMatchObject({
      failure: { code: 'ambiguous' },
    });
  });

  it('gives no byte offset to a bit-field within a byte', () => {
    const btf = readBack([
      { kind: 'int', name: 'u8', size: 1, bits: 8, encoding: 'unsigned' },
      {
        kind: 'struct',
        name: 's',
        size: 2,
        members: [
          { name: 'a', type: 1, bitOffset: 8, bitSize: 3 },
          { name: 'b', type: 1, bitOffset: 11, bitSize: 5 },
        ],
      },
    ]);
    expect(fieldOffset(btf, 's.a')).toEqual({ ok: true, value: 1 });
    expect(fieldOffset(btf, 's.b')).toMatchObject({ failure: { code: 'unsupported' } });
  });
});

describe('.BTF.ext', () => {
  const sections = [
    {
      name: 1,
      functions: [{ offset: 0, type: 4 }],
      lines: [{ offset: 8, file: 2, text: 3, line: 70000, column: 1023 }],
      relocations: [{ offset: 16, type: 5, access: 6, kind: 7 }],
    },
  ];

  it('is laid out as Documentation/bpf/btf.rst says', () => {
    const words = new Uint32Array(writeBtfExt(sections).buffer);
    expect([...words]).toEqual([
      ...[0x0001eb9f, 32, 0, 20, 20, 28, 48, 28],
      ...[8, 1, 1, 0, 4],
      ...[16, 1, 1, 8, 2, 3, (70000 << 10) | 1023],
      ...[16, 1, 1, 16, 5, 6, 7],
    ]);
  });

  it('reads back, and refuses every part of itself', () => {
    const bytes = writeBtfExt(sections);
    expect(readBtfExt(bytes)).toEqual({ ok: true, value: sections });
    for (let length = 0; length < bytes.length; length++) {
      expect(readBtfExt(bytes.subarray(0, length))).toMatchObject({ ok: false });
    }
  });
});
