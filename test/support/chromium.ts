// A headless Chromium, driven over a pipe by the DevTools protocol. It has a profile of its own and ends with `close`.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Result = Readonly<Record<string, unknown>>;

interface Reply {
  readonly id?: number;
  readonly result?: Result;
  readonly error?: { readonly message: string };
}

const options = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-extensions'],
  ...['--no-first-run', '--disable-background-networking', '--disable-component-update', '--no-proxy-server'],
  '--remote-debugging-pipe',
];

export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile: string = mkdtempSync(join(tmpdir(), 'chromium-'));
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #last = 0;
  #unread = '';

  constructor() {
    // Its reading and writing ends are descriptors 3 and 4.
    this.#child = spawn('chromium', [...options, `--user-data-dir=${this.#profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#child.on('close', () => this.#end());
    this.#child.on('error', () => this.#end());
    (this.#child.stdio[3] as Writable).on('error', () => undefined);
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', text => this.#take(text));
  }

  /** Nobody waits for a browser that is gone. */
  #end(): void {
    for (const reply of this.#waiting.values()) reply({ error: { message: 'Chromium has ended' } });
    this.#waiting.clear();
  }

  /** Messages end in a zero byte. */
  #take(text: string): void {
    const messages = (this.#unread + text).split('\0');
    this.#unread = messages.pop() ?? '';
    for (const message of messages) {
      const reply = JSON.parse(message) as Reply;
      if (reply.id === undefined) continue;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    }
  }

  async #send(method: string, params: object, sessionId?: string): Promise<Result> {
    const id = ++this.#last;
    const replied = new Promise<Reply>(resolve => this.#waiting.set(id, resolve));
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await replied;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Opens a page; what `first` says runs before the page's own scripts. The value evaluates expressions in it. */
  async open(url: string, first: string): Promise<(expression: string) => Promise<unknown>> {
    const { targetId } = await this.#send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#send('Target.attachToTarget', { targetId, flatten: true });
    const send = (method: string, params: object = {}): Promise<Result> =>
      this.#send(method, params, sessionId as string);
    await send('Page.enable');
    await send('Page.addScriptToEvaluateOnNewDocument', { source: first });
    await send('Page.navigate', { url });
    return async expression => {
      const { result, exceptionDetails } = await send('Runtime.evaluate', {
        ...{ expression, awaitPromise: true, returnByValue: true },
        // The page's policy holds for what is evaluated, too.
        allowUnsafeEvalBlockedByCSP: false,
      });
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value?: unknown }).value;
    };
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const closed = once(this.#child, 'close');
      await this.#send('Browser.close', {});
      await closed;
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }
}
