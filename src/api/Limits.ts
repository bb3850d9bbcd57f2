/**
 * How long, large and many the parts of a request may be.
 *
 * Plain data, so that server and client share it. The schemas of this folder are made from a value of it, and so are
 * the API description and the words of every refusal: a limit is stated once.
 */
import { Context } from "effect"

export interface Limits {
  readonly nameBytesMax: number
  readonly labelBytesMax: number
  readonly ownerBytesMax: number
  readonly valueBytesMax: number
  /** A longer body is refused before it is read to its end. */
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

export const defaults: Limits = {
  nameBytesMax: 512,
  labelBytesMax: 128,
  ownerBytesMax: 128,
  valueBytesMax: 4096,
  bodyBytesMax: 65_536,
  permitsMax: 10_000,
  ttlMillisMin: 1000,
  ttlMillisMax: 86_400_000,
  waitMillisMax: 3_600_000,
  lockDelayMillisMax: 60_000,
  maxHoldMillisMin: 1000,
  maxHoldMillisMax: 86_400_000,
  pageLengthDefault: 100,
  pageLengthMax: 1000
}

/** The limits in force: `defaults` unless the node is configured otherwise. */
export const Limits = Context.Reference<Limits>("api/Limits", { defaultValue: () => defaults })
