// Asks the reference about many texts. One transaction that is only checked takes the kernel 15 ms of waiting, so many
// processes ask at once; each has a network namespace of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NftAnswer } from '../../support/nft.ts';
import { nftPath } from '../../support/requirements.ts';

/** What is asked of the reference. */
export interface Question {
  readonly text: string;
  /** A ruleset that is loaded first, in a run of its own. */
  readonly before?: string;
  /** Files that the text may include, by their path below the include path and the current directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** The text is libnftables JSON. */
  readonly json?: boolean;
  /** Output flags (NFT_CTX_OUTPUT_*) with which the ruleset that was loaded is listed, once for each. */
  readonly listings?: readonly number[];
  /** Commands after the text was loaded, each in a run of its own. */
  readonly commands?: readonly string[];
}

export interface LoadAnswer extends NftAnswer {
  readonly listed: readonly string[];
  /** What became of each command, and the ruleset behind it. */
  readonly steps: readonly { readonly ok: boolean; readonly stderr: string; readonly listed: string }[];
  /** It was the ruleset before the text that was refused. */
  readonly isBefore?: true;
}

/** The reference itself failed on the text: it was killed by a signal or did not answer in time. */
export type Answer = LoadAnswer | 'crashed';

const program = fileURLToPath(new URL('oracle-process.mjs', import.meta.url));
const textsOfOneProcess = 3000;
const longestAnswer = 20_000;

/** The command that runs a node whose C library is the reference's own, where that was installed with one. */
function command(): readonly string[] {
  const script = readFileSync(nftPath).subarray(0, 1000).toString('latin1');
  const own = /exec (\S*ld-linux\S*) --library-path (\S+)/.exec(script);
  if (own === null) return [process.execPath, program, 'libnftables.so.1'];
  const [, loader = '', path = ''] = own;
  const paths = `${path}:/usr/lib/x86_64-linux-gnu:/lib/x86_64-linux-gnu`;
  return [loader, '--library-path', paths, process.execPath, program, `${path}/libnftables.so.1`];
}

class Worker {
  /** Where the files are that its texts include. */
  readonly #directory = mkdtempSync(join(tmpdir(), 'nft-includes-'));
  #child: ChildProcess | undefined;
  #left = 0;
  #settle: ((answer: Answer) => void) | undefined;

  ask(question: Question): Promise<Answer> {
    const child = this.#running();
    this.#left--;
    return new Promise(resolve => {
      const timer = setTimeout(() => child.kill('SIGKILL'), longestAnswer);
      this.#settle = answer => {
        clearTimeout(timer);
        resolve(answer);
      };
      const { text, before, files, json, listings, commands } = question;
      child.stdin!.write(`${JSON.stringify({ text, before, files, json, listings, commands })}\n`);
    });
  }

  #running(): ChildProcess {
    if (this.#child !== undefined && this.#left > 0) return this.#child;
    this.#end();
    const child = spawn('unshare', ['-n', ...command(), this.#directory], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TZ: 'UTC-2' },
    });
    createInterface({ input: child.stdout! }).on('line', line =>
      this.#settle?.(JSON.parse(line) as LoadAnswer),
    );
    child.stdin!.on('error', () => undefined);
    child.on('exit', () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#settle?.('crashed');
    });
    this.#child = child;
    this.#left = textsOfOneProcess;
    return child;
  }

  close(): void {
    this.#end();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #end(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.stdin?.end();
  }
}

/** Answers to texts, in their order, as they come; at most `width` are asked at a time. */
export async function* askAll<T extends Question>(
  inputs: Iterable<T>,
  width = 12,
): AsyncGenerator<readonly [T, Answer]> {
  const idle = Array.from({ length: width }, () => new Worker());
  const all = [...idle];
  const asked: Promise<readonly [T, Answer, Worker]>[] = [];
  try {
    for (const input of inputs) {
      if (idle.length === 0) yield* taken(asked, idle);
      const worker = idle.pop()!;
      asked.push(worker.ask(input).then(answer => [input, answer, worker] as const));
    }
    while (asked.length > 0) yield* taken(asked, idle);
  } finally {
    for (const worker of all) worker.close();
  }
}

async function* taken<T>(
  asked: Promise<readonly [T, Answer, Worker]>[],
  idle: Worker[],
): AsyncGenerator<readonly [T, Answer]> {
  const [input, answer, worker] = await asked.shift()!;
  idle.push(worker);
  yield [input, answer];
}
