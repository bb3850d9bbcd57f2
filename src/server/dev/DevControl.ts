/**
 * The process of `holdfast dev` that runs this node, as far as the node may ask it. A node that runs in any other way
 * has none: null.
 */
import { Context } from "effect"

export interface DevControl {
  /** Where it listens, `host:port`, on this machine. */
  readonly address: string
  /** Proves to it that it is one of its nodes who asks. */
  readonly token: string
}

export const DevControl = Context.Reference<DevControl | null>("server/dev/DevControl", { defaultValue: () => null })
