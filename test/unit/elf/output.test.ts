// The manifest and the line table of a translation that is made by hand.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readElf } from '../../../src/bpf-asm/elf/read.ts';
import { exit, loadMap, mov64, R0, R1 } from '../../../src/bpf-asm/index.ts';
import type { RuleId } from '../../../src/lower/linear/ir.ts';
import { toBase64 } from '../../../src/lower/output/base64.ts';
import { manifestSection, toElf } from '../../../src/lower/output/elf.ts';
import { toJson, toManifest } from '../../../src/lower/output/manifest.ts';
import { Places } from '../../../src/lower/output/places.ts';
import { printJson } from '../../../src/lower/output/print-json.ts';
import { sourceLines } from '../../../src/lower/output/source-lines.ts';
import type { Translated } from '../../../src/lower/output/translated.ts';
import type { BpfMap, Program } from '../../../src/lower/program.ts';
import type { FileId, SourceFile, Span } from '../../../src/source/span.ts';
import { assembled, sampleMap } from '../../support/elf-sample.ts';
import { schemaErrors } from '../../support/json-schema.ts';

const text =
  'table ip t {\r\n  set s { type ipv4_addr; }\r\n  chain c {\r\n    ip saddr @s counter\r\n      accept\r\n  }\r\n}\r\n';
const file = 7 as FileId;
const source: SourceFile = { id: file, name: 'dir/rules.nft', text };

function span(part: string): Span {
  const from = text.indexOf(part);
  return { file, from, to: from + part.length };
}

const set: BpfMap = {
  ...sampleMap({ name: 's', type: 'hash', valueSize: 1, maxEntries: 2 }),
  ...{ count: 2, keys: Uint8Array.of(192, 0, 2, 1, 255, 254, 253, 252), values: Uint8Array.of(0, 0) },
  role: { kind: 'set', family: 'ip', table: 't', set: 's', flags: [] },
};

const counters: BpfMap = {
  ...sampleMap({ name: 'counters', type: 'percpu_array', valueSize: 16, maxEntries: 2 }),
  role: {
    kind: 'rule_counters',
    slots: [
      { family: 'ip', table: 't', rule: 0 as RuleId, counter: 0, packets: 2n ** 64n - 1n, bytes: 0n },
      { family: 'ip', table: 't', object: 'total', packets: 1n, bytes: 9007199254740993n },
    ],
  },
};

function makeProgram(): Program {
  const { name, code, relocations, origins } = assembled('ip_t_c', [
    { ...loadMap(R1, 's'), origin: 0 },
    { ...mov64(R0, 1), origin: 1 },
    exit(),
  ]);
  return {
    ...{ name, code, relocations, origins, spans: [span('ip saddr @s'), span('accept')] },
    target: 'netfilter',
    section: 'netfilter',
    attach: [
      { target: 'netfilter', pf: 2, hook: 1, priority: -150 },
      { target: 'netfilter', pf: 10, hook: 1, priority: -150 },
    ],
    covers: [0 as RuleId],
    requires: ['conntrack'],
  };
}

const translated: Translated = { programs: [makeProgram()], maps: [set, counters], sources: [source] };
const schema = JSON.parse(
  readFileSync(new URL('../../../docs/manifest.schema.json', import.meta.url), 'utf8'),
);

describe('the manifest', () => {
  it('has everything a loader needs', () => {
    const manifest = JSON.parse(toJson(translated));
    expect(manifest).toEqual({
      format: 'nft2bpf',
      version: 1,
      sources: ['dir/rules.nft'],
      programs: [
        {
          name: 'ip_t_c',
          section: 'netfilter',
          target: 'netfilter',
          license: 'Dual MIT/GPL',
          attach: [
            { target: 'netfilter', pf: 2, hook: 1, priority: -150 },
            { target: 'netfilter', pf: 10, hook: 1, priority: -150 },
          ],
          requires: ['conntrack'],
          covers: [0],
          slots: 4,
          code: Buffer.from(translated.programs[0]!.code).toString('base64'),
          relocations: [{ index: 0, kind: 'map', name: 's' }],
          spans: [
            { file: 0, from: { line: 4, column: 5 }, to: { line: 4, column: 16 } },
            { file: 0, from: { line: 5, column: 7 }, to: { line: 5, column: 13 } },
          ],
          origins: [
            [0, 0],
            [2, 1],
            [3, -1],
          ],
        },
      ],
      maps: [
        {
          ...{ name: 's', type: 'hash', typeNumber: 1, keySize: 4, valueSize: 1, maxEntries: 2, flags: 0 },
          ...{ count: 2, keys: 'wAACAf/+/fw=', values: 'AAA=' },
          role: { kind: 'set', family: 'ip', table: 't', set: 's', flags: [] },
        },
        {
          ...{ name: 'counters', type: 'percpu_array', typeNumber: 6, keySize: 4, valueSize: 16 },
          ...{ maxEntries: 2, flags: 0, count: 0, keys: '', values: '' },
          role: {
            kind: 'rule_counters',
            slots: [
              { family: 'ip', table: 't', rule: 0, counter: 0, packets: '18446744073709551615', bytes: '0' },
              { family: 'ip', table: 't', object: 'total', packets: '1', bytes: '9007199254740993' },
            ],
          },
        },
      ],
    });
  });

  it('keeps to its schema, with code and without', () => {
    expect(schemaErrors(schema, JSON.parse(toJson(translated)))).toEqual([]);
    const short = JSON.parse(JSON.stringify(toManifest(translated, { code: false })));
    expect(schemaErrors(schema, short)).toEqual([]);
    expect(short.programs[0]).not.toHaveProperty('code');
  });

  it.each([
    ['version', 2, '$.version: is not 1'],
    ['programs.0.code', 'AAA', '$.programs[0].code: does not match'],
    ['programs.0.attach.0.pf', 4, '$.programs[0].attach[0]: fits 0 of the choices'],
    ['programs.0.name', undefined, '$.programs[0]: has no name'],
    ['maps.1.role.slots.0.packets', 5, '$.maps[1].role: fits 0 of the choices'],
    ['maps.0.maxEntries', -1, '$.maps[0].maxEntries: is below 0'],
  ])('is refused by its schema with a wrong %s', (path, value, error) => {
    const manifest = JSON.parse(toJson(translated));
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    const parent = steps.reduce((at, step) => at[step], manifest);
    if (value === undefined) delete parent[last];
    else parent[last] = value;
    expect(schemaErrors(schema, manifest).join('\n')).toContain(error);
  });

  it('lies in each object, with the maps that its program uses', () => {
    const { objects } = toElf(translated);
    const object = readElf(objects[0]!.bytes);
    if (!object.ok) throw new Error(object.failure.message);
    const section = object.value.image.sections.find(({ name }) => name === manifestSection);
    const manifest = JSON.parse(new TextDecoder().decode(section?.bytes));
    expect(manifest.maps).toMatchObject([{ name: 's', count: 2, keys: 'wAACAf/+/fw=' }]);
    expect(object.value.maps.map(({ name }) => name)).toEqual(['s']);
    expect(schemaErrors(schema, manifest)).toEqual([]);
  });
});

describe('an object of a translation', () => {
  it('is named, says where to attach, and is the same every time', () => {
    const { ok, objects } = toElf(translated);
    expect([ok, objects.map(({ name, attach }) => [name, attach.length])]).toEqual([true, [['ip_t_c', 2]]]);
    expect(toElf(translated).objects[0]?.bytes).toEqual(objects[0]?.bytes);
  });

  it('has line numbers only, and says so, if the lines are more than BTF holds', () => {
    const lines = Array.from({ length: 45_000 }, (_, index) => `${index}`.padEnd(399, ' accept'));
    const spans = lines.map((_, index) => ({ file, from: index * 400, to: index * 400 + 1 }));
    const items = lines.map((_, origin) => ({ ...mov64(R0, 1), origin }));
    const { code, relocations, origins } = assembled('long', [...items, exit()]);
    const long = { ...makeProgram(), name: 'long', code, relocations, origins, spans };
    const { ok, objects, diagnostics } = toElf({
      ...{ programs: [long], maps: [] },
      sources: [{ ...source, text: lines.join('\n') }],
    });
    expect(ok).toBe(true);
    expect(diagnostics).toMatchObject([{ code: 'lines-without-text', severity: 'warning' }]);
    const object = readElf(objects[0]!.bytes);
    const read = object.ok ? object.value.functions[0]?.lines : undefined;
    expect(read?.[44_999]).toMatchObject({ file: 'dir/rules.nft', text: '', line: 45_000, column: 1 });
  });

  it('is a diagnostic where it cannot be written', () => {
    expect(toElf({ ...translated, maps: [] })).toMatchObject({
      ok: false,
      objects: [],
      diagnostics: [
        {
          code: 'no-object-file',
          severity: 'refusal',
          message: 'program ip_t_c cannot become an object file: ip_t_c: map s is not in the object',
        },
      ],
    });
  });
});

describe('source lines', () => {
  const places = new Places([source]);

  it('are those on which the spans begin', () => {
    expect(sourceLines(makeProgram(), places)).toEqual([
      { slot: 0, file: 'dir/rules.nft', text: '    ip saddr @s counter', line: 4, column: 5 },
      { slot: 2, file: 'dir/rules.nft', text: '      accept', line: 5, column: 7 },
      { slot: 3, file: '', text: '', line: 0, column: 0 },
    ]);
  });

  it('are nowhere for spans of unknown files, and absent without origins', () => {
    const program = makeProgram();
    expect(sourceLines(program, new Places([]))[0]).toEqual({
      slot: 0,
      file: '',
      text: '',
      line: 0,
      column: 0,
    });
    expect(sourceLines({ ...program, origins: new Int32Array(4).fill(-1) }, places)).toEqual([]);
  });

  it('end in an ellipsis if they are long', () => {
    const long = { ...source, text: `x${'y'.repeat(1000)}` };
    const spans = [{ file, from: 0, to: 1 }];
    const [line] = sourceLines({ ...makeProgram(), spans, origins: new Int32Array(4) }, new Places([long]));
    expect(line?.text).toBe(`x${'y'.repeat(398)}…`);
  });
});

describe('small things', () => {
  it('base64 is that of Node', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      }),
    );
  });

  it('printed JSON is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(JSON.parse(printJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('places are what counting gives', () => {
    const letters = fc.array(fc.constantFrom('a', '\n', '\r\n', 'é', '𝕏')).map(list => list.join(''));
    fc.assert(
      fc.property(letters, fc.nat(60), (content, at) => {
        const offset = Math.min(at, content.length);
        const before = content.slice(0, offset).split('\n');
        const places = new Places([{ id: file, name: 'f', text: content }]);
        const span = { file, from: offset, to: offset };
        expect(places.from(span)).toEqual({ line: before.length, column: (before.at(-1)?.length ?? 0) + 1 });
        expect(places.lineText(span)).toBe(content.split('\n')[before.length - 1]?.replace(/\r$/, ''));
      }),
    );
  });
});
