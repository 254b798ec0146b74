// A caller who waits no longer gets an error, at whatever step the work is.

import { describe, expect, it } from 'vitest';
import { translate } from '../../../src/index.ts';

const rules = Array.from(
  { length: 300 },
  (_, index) => `ip saddr 10.0.${index >> 8}.${index & 255} tcp dport ${index + 1} counter accept`,
);
const text = `table ip t { chain c { type filter hook input priority 0; ${rules.join('; ')}; }; }`;

/** Patience for so many questions. */
function translateWithin(questions: number): ReturnType<typeof translate> {
  let asked = 0;
  return translate(text, { isOverdue: () => asked++ >= questions });
}

describe('a translation whose caller waits no longer', () => {
  it('ends with an error in any stage, or is whole', () => {
    let asked = 0;
    const whole = translate(text, {
      isOverdue: () => {
        asked++;
        return false;
      },
    });
    expect(whole.ok).toBe(true);
    // The rules are read, applied, read against the target, built, threaded twice and emitted.
    expect(asked).toBeGreaterThan(6 * (rules.length / 64));
    for (let questions = 0; questions < asked; questions++) {
      const { ok, programs, diagnostics } = translateWithin(questions);
      expect({ questions, ok, programs: programs.length }).toEqual({ questions, ok: false, programs: 0 });
      expect(diagnostics).toContainEqual(
        expect.objectContaining({ code: 'limit-exceeded', severity: 'error' }),
      );
    }
    expect(translateWithin(asked)).toEqual(whole);
  });
});
