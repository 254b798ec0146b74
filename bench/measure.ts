// Paired, interleaved measurement: every round runs every contestant once, so that what slows the machine for a
// while slows all of them; compared are medians over the rounds and medians of differences within a round.

export interface Contestant {
  readonly name: string;
  /** One run; nanoseconds for each packet (or whatever is counted). */
  readonly run: () => number;
}

/** Nanoseconds by contestant, one number a round. */
export type Samples = ReadonlyMap<string, readonly number[]>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Runs all contestants `rounds` times after one round that does not count. The order turns from round to round. */
export function interleave(contestants: readonly Contestant[], rounds: number): Samples {
  const samples = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (const { run } of contestants) run();
  for (let round = 0; round < rounds; round++) {
    const shift = round % contestants.length;
    for (const { name, run } of [...contestants.slice(shift), ...contestants.slice(0, shift)]) {
      samples.get(name)!.push(run());
    }
  }
  return samples;
}

/** The median of the differences of two contestants within the rounds. */
export function difference(samples: Samples, name: string, base: string): number {
  const base_ = samples.get(base)!;
  return median(samples.get(name)!.map((value, round) => value - base_[round]!));
}

/** Half of the distance between the quartiles: how far the middle half of the rounds spreads. */
export function spread(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)]!;
  return (at(0.75) - at(0.25)) / 2;
}

/** Columns of text, the first flush left. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return rows.map(line).join('\n');
}
