// nft2bpf batch as a process: many mixed requests, its memory, and a reader that goes away.

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { loadBatch } from '../../support/batch-load.ts';
import { BatchProcess } from '../../support/batch-process.ts';

/** Bench and campaign send 100,000. */
const requests = 10_000;

describe('nft2bpf batch', () => {
  it(`answers ${requests} mixed requests in order, with flat memory`, { timeout: 600_000 }, async () => {
    const { status, answers, wrong, memory } = await loadBatch(requests);
    expect([status, answers, wrong]).toEqual([0, requests, []]);
    // The heap of a young process grows to its working size within the first thousands of requests.
    const early = Math.max(...memory.slice(3, 6));
    const late = Math.max(...memory.slice(7));
    console.info(`memory: ${Math.round(early)} MiB, then ${Math.round(late)} MiB`);
    expect(late).toBeLessThan(1.25 * early);
  });

  it('takes a ruleset of 50,000 elements on one line, and its options on the command line', async () => {
    const elements = Array.from({ length: 50_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    const ruleset = `table ip t { set s { type ipv4_addr; elements = { ${elements.join(', ')} }; }; }\n`;
    const lines = [
      JSON.stringify({ id: 1, op: 'compile', ruleset }),
      JSON.stringify({ id: 2, op: 'ir', ruleset: '' }),
    ];
    const answers: { id: number; ok: boolean }[] = [];
    const status = await new BatchProcess('--kernel', '6.12', '--line-limit', '1000000').exchange(
      ...([2, (index: number) => lines[index]!] as const),
      text => answers.push(JSON.parse(text)),
    );
    expect([status, answers.map(({ id, ok }) => [id, ok])]).toEqual([
      0,
      [
        [1, true],
        [2, true],
      ],
    ]);
  });

  it('answers a request that takes too long with an error, and goes on', async () => {
    const ruleset = `table ip t { chain c { ${'tcp dport 22 accept; '.repeat(20_000)} }; }`;
    const lines = [
      JSON.stringify({ id: 1, op: 'ir', ruleset }),
      JSON.stringify({ id: 2, op: 'ir', ruleset: '' }),
    ];
    const answers: { id: number; ok: boolean; diagnostics: { code: string }[] }[] = [];
    await new BatchProcess('--time-limit', '0').exchange(
      ...([2, (index: number) => lines[index]!] as const),
      text => answers.push(JSON.parse(text)),
    );
    expect(answers.map(({ id }) => id)).toEqual([1, 2]);
    expect(answers[0]!.diagnostics.map(({ code }) => code)).toContain('limit-exceeded');
  });

  it('answers while its input is open', async () => {
    const { child } = new BatchProcess();
    child.stdin.write(`${JSON.stringify({ id: 1, op: 'ir', ruleset: '' })}\n`);
    const [first] = await once(child.stdout, 'data');
    expect(JSON.parse(String(first))).toMatchObject({ id: 1, ok: true });
    child.stdin.end(JSON.stringify({ id: 2, op: 'ir', ruleset: '' }));
    const [second] = await once(child.stdout, 'data');
    expect(JSON.parse(String(second))).toMatchObject({ id: 2, ok: true });
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('ends in silence when the reader of its answers is gone', async () => {
    const { child } = new BatchProcess();
    let said = '';
    child.stderr.on('data', text => {
      said += text;
    });
    child.stdin.on('error', () => undefined);
    child.stdout.destroy();
    // Its input stays open: it has to notice by itself.
    const line = `${JSON.stringify({ id: 1, op: 'ir', ruleset: '' })}\n`;
    const sending = setInterval(() => child.stdin.write(line), 10);
    const ended = await once(child, 'close');
    clearInterval(sending);
    expect([ended, said]).toEqual([[0, null], '']);
  });

  const usages: readonly (readonly [argument: string, value: string, words: RegExp])[] = [
    ['a.nft', 'b.nft', /standard input/],
    ['--kernel', 'new', /--kernel/],
    ['--line-limit', 'x', /--line-limit/],
    ['--time-limit', 'x', /--time-limit/],
    ['--target', 'xdp', /--target/],
  ];
  it.each(usages)('says what is wrong with %s %s', async (argument, value, words) => {
    const { child } = new BatchProcess(argument, value);
    let said = '';
    child.stderr.on('data', text => {
      said += text;
    });
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(said).toMatch(words);
  });
});
