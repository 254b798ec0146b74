// A stream of lines: order, garbage, ends of lines and of the stream, limits, and a reader that goes away.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/batch/answer.ts';
import { LineSplitter } from '../../../src/batch/lines.ts';
import { serve } from '../../../src/batch/serve.ts';

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function served(input: string | Uint8Array, lineLimit = 1000, size = 7): Promise<Answer[]> {
  const answers: Answer[] = [];
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  const write = async (line: string): Promise<boolean> => {
    expect(line.indexOf('\n')).toBe(line.length - 1);
    answers.push(JSON.parse(line));
    return true;
  };
  await serve(chunked(bytes, size), write, { lineLimit });
  return answers;
}

const request = (id: number | string): string => JSON.stringify({ id, op: 'ir', ruleset: '' });
const code = ({ diagnostics }: Answer): string | undefined => diagnostics[0]?.code;

describe('serve', () => {
  it('answers in order, the last line without its newline, too', async () => {
    const answers = await served([1, 2, 'drei', 4].map(request).join('\n'));
    expect(answers.map(({ id, ok }) => [id, ok])).toEqual([1, 2, 'drei', 4].map(id => [id, true]));
  });

  it('answers garbage in its place and goes on', async () => {
    const lines = [request(1), '{', '', '  ', 'null', '\u0000', `${request(2)}\r`, '{}', request(3), ''];
    const answers = await served(lines.join('\n'));
    expect(answers.map(answer => (answer.ok ? answer.id : code(answer)))).toEqual([
      ...[1, 'invalid-json', 'invalid-json', 'invalid-json', 'invalid-request', 'invalid-json'],
      ...[2, 'invalid-request', 3],
    ]);
    expect(answers.filter(({ ok }) => !ok).every(({ id }) => id === null)).toBe(true);
  });

  it('takes UTF-8 only, across chunks', async () => {
    const whole = JSON.stringify({ id: 'ü€😀', op: 'ir', ruleset: '' });
    expect((await served(whole, 1000, 1))[0]).toMatchObject({ id: 'ü€😀', ok: true });
    const cut = Uint8Array.of(0x22, 0xc3, 0x22, 0x0a);
    expect((await served(cut)).map(code)).toEqual(['invalid-json']);
  });

  it('answers a line that is too long and reads the next', async () => {
    const answers = await served(`${'x'.repeat(5000)}\n${request(1)}\n${'x'.repeat(101)}`, 100);
    expect(answers.map(code)).toEqual(['line-too-long', undefined, 'line-too-long']);
    expect(answers[0]!.diagnostics[0]!.message).toContain('100 bytes');
  });

  it('says nothing to an empty stream', async () => {
    expect(await served('')).toEqual([]);
  });

  it('waits for its reader, and stops when it is gone', async () => {
    let read = 0;
    let waiting = 0;
    async function* input(): AsyncGenerator<Uint8Array> {
      for (; read < 100; read++) {
        expect(waiting).toBe(0);
        yield new TextEncoder().encode(`${request(read)}\n`);
      }
    }
    const write = async (line: string): Promise<boolean> => {
      waiting++;
      await new Promise(resolve => setImmediate(resolve));
      waiting--;
      return JSON.parse(line).id < 10;
    };
    await serve(input(), write, { lineLimit: 1000 });
    expect(read).toBe(10);
  });
});

describe('LineSplitter', () => {
  it('gives the same lines however the bytes come', () => {
    const property = fc.property(
      fc.array(fc.uint8Array({ maxLength: 12 }).map(bytes => bytes.map(byte => (byte & 7) + 8))),
      fc.integer({ min: 0, max: 10 }),
      (chunks, limit) => {
        const splitter = new LineSplitter(limit);
        const lines = [...chunks.flatMap(chunk => [...splitter.push(chunk)]), ...splitter.end()];
        const text = Buffer.concat(chunks).toString('latin1');
        const expected = text.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(
          lines.map(line => (line.kind === 'line' ? Buffer.from(line.bytes).toString('latin1') : undefined)),
        ).toEqual(expected.map(line => (line.length > limit ? undefined : line)));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
