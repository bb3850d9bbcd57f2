/**
 * The monotonic clock of this machine, in milliseconds: what all measurements here are told by.
 */

export const nowMillis = (): number => Number(process.hrtime.bigint()) / 1e6
