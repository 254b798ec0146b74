// Many mixed requests to one process: every answer is looked at, and the memory of the process while it answers.

import { BatchProcess, residentMemory } from './batch-process.ts';
import { batchLine } from './batch-requests.ts';

export interface BatchLoad {
  readonly status: number | null;
  readonly answers: number;
  /** Answers that were wrong or out of order, the first few. */
  readonly wrong: readonly string[];
  readonly seconds: number;
  /** The most resident memory in each tenth of the answers, MiB. */
  readonly memory: readonly number[];
}

const wrongShown = 5;
const looksPerTenth = 50;

export async function loadBatch(requests: number): Promise<BatchLoad> {
  const process = new BatchProcess();
  const memory = new Array<number>(10).fill(0);
  const wrong: string[] = [];
  let answers = 0;
  const start = performance.now();
  const status = await process.exchange(
    requests,
    index => batchLine(index).line,
    (text, index) => {
      const { id, fits } = batchLine(index);
      const answer = JSON.parse(text);
      answers++;
      if ((answer.id !== id || !fits(answer)) && wrong.length < wrongShown)
        wrong.push(`${index}: ${text.slice(0, 500)}`);
      if (index % Math.ceil(requests / 10 / looksPerTenth) !== 0) return;
      const tenth = Math.floor((10 * index) / requests);
      memory[tenth] = Math.max(memory[tenth]!, residentMemory(process.pid));
    },
  );
  return { status, answers, wrong, seconds: (performance.now() - start) / 1000, memory };
}
