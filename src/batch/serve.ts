// A stream of requests, one JSON line each, into answers, one JSON line each, in their order. Each line is answered before the
// next one is looked at, and nothing is read while the reader of the answers is behind.

import type { TranslateOptions } from '../translate.ts';
import { type Answer, answer, errorAnswer } from './answer.ts';
import { type Line, LineSplitter } from './lines.ts';

export interface ServeOptions {
  /** Options for requests that do not say themselves. */
  readonly defaults?: TranslateOptions;
  /** Bytes of a line; a longer one is answered with an error. */
  readonly lineLimit: number;
  /** Called when a request is begun; gives the `isOverdue` for it (`TranslateOptions`). Default: no limit. */
  readonly startWaiting?: () => () => boolean;
}

function answerLine(line: Line, defaults: TranslateOptions): Answer {
  if (line.kind === 'too_long')
    return errorAnswer('line-too-long', `the line is longer than ${line.limit} bytes (--line-limit)`);
  let request: unknown;
  try {
    request = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line.bytes));
  } catch (error) {
    return errorAnswer('invalid-json', `the line is not JSON: ${(error as Error).message}`);
  }
  return answer(request, defaults);
}

/** Answers until `input` ends, or until `write` says with false that nobody reads any more. */
export async function serve(
  input: AsyncIterable<Uint8Array>,
  write: (line: string) => Promise<boolean>,
  { defaults = {}, lineLimit, startWaiting }: ServeOptions,
): Promise<void> {
  const splitter = new LineSplitter(lineLimit);
  const respond = (line: Line): Promise<boolean> => {
    const options = startWaiting === undefined ? defaults : { ...defaults, isOverdue: startWaiting() };
    return write(`${JSON.stringify(answerLine(line, options))}\n`);
  };
  for await (const chunk of input)
    for (const line of splitter.push(chunk)) if (!(await respond(line))) return;
  for (const line of splitter.end()) await respond(line);
}
