/**
 * How long, large and many the parts of one request may be, as plain data. Each limit is a setting of
 * the node that receives the request; past that node nothing asks again, so nodes may differ and
 * their state still agrees.
 */

export interface Limits {
  readonly nameBytesMax: number
  readonly labelBytesMax: number
  readonly ownerBytesMax: number
  readonly valueBytesMax: number
  readonly bodyBytesMax: number
  readonly permitsMax: number
  readonly ttlMillisMin: number
  readonly ttlMillisMax: number
  readonly waitMillisMax: number
  readonly lockDelayMillisMax: number
  readonly maxHoldMillisMin: number
  readonly maxHoldMillisMax: number
  /** Locks or sessions on a page unless the reader asks for less or more. */
  readonly pageLengthDefault: number
  readonly pageLengthMax: number
}

export const defaultLimits: Limits = {
  nameBytesMax: 512,
  labelBytesMax: 128,
  ownerBytesMax: 128,
  valueBytesMax: 4_096,
  bodyBytesMax: 65_536,
  permitsMax: 10_000,
  ttlMillisMin: 1_000,
  ttlMillisMax: 86_400_000,
  waitMillisMax: 3_600_000,
  lockDelayMillisMax: 60_000,
  maxHoldMillisMin: 1_000,
  maxHoldMillisMax: 86_400_000,
  pageLengthDefault: 100,
  pageLengthMax: 1_000
}
