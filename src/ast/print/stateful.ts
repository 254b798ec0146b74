// Statements that keep state, as nft lists them in rules, sets, elements and objects.

import type {
  ByteAmount,
  LimitArguments,
  QuotaArguments,
  StatefulStatement,
  TimeLiteral,
} from '../nodes/index.ts';
import type { OutputOptions } from './options.ts';

const amountText = ({ number, unit }: ByteAmount): string => `${number.text} ${unit}`;

/** As written, or whole seconds only. */
export function timeText(
  { text, milliseconds }: TimeLiteral,
  { numeric, numericTime }: OutputOptions,
): string {
  return (numeric || numericTime) && typeof milliseconds === 'bigint' ? `${milliseconds / 1000n}s` : text;
}

export function quotaText({ mode, amount, used }: QuotaArguments, { stateless }: OutputOptions): string {
  const over = mode === 'over' ? 'over ' : '';
  return `${over}${amountText(amount)}${used === undefined || stateless ? '' : ` used ${amountText(used)}`}`;
}

export function rateText({ mode, rate, rateUnit, per }: LimitArguments): string {
  return `rate ${mode === 'over' ? 'over ' : ''}${rate.text}${rateUnit === undefined ? '' : ` ${rateUnit}`}/${per}`;
}

export function burstText({ burst, burstUnit }: LimitArguments): string {
  return burst === undefined ? '' : ` burst ${burst.text} ${burstUnit ?? 'packets'}`;
}

export function statefulText(statement: StatefulStatement, options: OutputOptions): string {
  const { stateless } = options;
  switch (statement.kind) {
    case 'counter': {
      const { packets, bytes } = statement;
      return stateless ? 'counter' : `counter packets ${packets?.text ?? 0} bytes ${bytes?.text ?? 0}`;
    }
    case 'limit':
      return `limit ${rateText(statement)}${burstText(statement)}`;
    case 'quota':
      return `quota ${quotaText(statement, options)}`;
    case 'connlimit':
      return `ct count ${statement.over ? 'over ' : ''}${statement.count.text}`;
    case 'last':
      return stateless
        ? 'last'
        : `last used ${statement.used === undefined ? 'never' : timeText(statement.used, options)}`;
  }
}
