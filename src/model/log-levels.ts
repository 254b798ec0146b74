// Levels of `log` statements, in the order of their numbers (LOGLEVEL_* of the kernel; `audit` is nft's own, behind them).

export const logLevels = [
  'emerg',
  'alert',
  'crit',
  'err',
  'warn',
  'notice',
  'info',
  'debug',
  'audit',
] as const;
