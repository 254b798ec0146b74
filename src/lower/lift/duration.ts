// Spans of time as nft lists them: `1d2h3m4s5ms`, without the units that are zero.

const units: readonly (readonly [name: string, milliseconds: bigint])[] = [
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1000n],
  ['ms', 1n],
];

/** `inSeconds`: seconds only, what is less than one left out. */
export function durationText(milliseconds: bigint, inSeconds: boolean = false): string {
  if (inSeconds) return `${milliseconds / 1000n}s`;
  if (milliseconds === 0n) return '0s';
  let rest = milliseconds;
  let text = '';
  for (const [name, length] of units) {
    const count = rest / length;
    if (count > 0n) text += `${count}${name}`;
    rest %= length;
  }
  return text;
}
