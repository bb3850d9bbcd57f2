/**
 * How large what one request brings may be. Each limit is a setting of the node that receives the
 * request; past that node nothing asks again, so nodes may differ and their state still agrees.
 */
import { Context } from "effect"

export interface Limits {
  readonly nameBytesMax: number
  readonly ttlMillisMin: number
  readonly ttlMillisMax: number
  readonly waitMillisMax: number
  readonly lockDelayMillisMax: number
  readonly maxHoldMillisMin: number
  readonly maxHoldMillisMax: number
  readonly labelBytesMax: number
  readonly ownerBytesMax: number
  readonly valueBytesMax: number
  readonly bodyBytesMax: number
}

export const defaultLimits: Limits = {
  nameBytesMax: 512,
  ttlMillisMin: 1_000,
  ttlMillisMax: 86_400_000,
  waitMillisMax: 3_600_000,
  lockDelayMillisMax: 60_000,
  maxHoldMillisMin: 1_000,
  maxHoldMillisMax: 86_400_000,
  labelBytesMax: 128,
  ownerBytesMax: 128,
  valueBytesMax: 4_096,
  bodyBytesMax: 65_536
}

/** The limits in force; a node's assembly provides those of its configuration. */
export const Limits = Context.Reference<Limits>("node/Limits", { defaultValue: () => defaultLimits })
