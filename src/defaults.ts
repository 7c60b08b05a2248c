// What options mean that are not given, or given without a number. Times are in seconds.

/** How many hosts are worked on at a time (`--forks`). */
export const defaultForks = 64

/** How long connecting, logging in and becoming root may take together, and each try of a probe (`--timeout`). */
export const defaultTimeout = 10

/** How long a host keeps an uncommitted change after the last sign of life of the runner (`--lease`). */
export const defaultLease = 30

/** How long the question of `--confirm` waits for a yes. */
export const defaultConfirm = 60

/** How often Felix refreshes its rules (IptablesRefreshInterval): up to version 3.16, and since. */
export const felixRefresh = { old: 90, now: 180 } as const

/** How long `--settle` watches hosts after an apply: every Felix refreshes its rules within that time. */
export const defaultWatch = felixRefresh.now

/** How long `status --watch` waits between two looks. */
export const defaultPause = 60
