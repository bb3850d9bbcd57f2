/**
 * An acquire in the words of the protocol: what a node takes for granted is not said.
 */
import type { Acquire } from "../../api/rpc/Conversation.ts"
import type { AcquireRequest } from "./Acquisition.ts"
import { waitMillisMax } from "./Engine.ts"

export const operationOf = (
  { lockDelayMillis, maxHoldMillis, mode, name: lock, permits, traceparent, value }: AcquireRequest,
  attempt: Pick<Acquire, "id" | "seq" | "owner" | "waitMs">
): Acquire => ({
  _tag: "Acquire",
  lock,
  ...attempt,
  ...(mode === "exclusive" ? undefined : { mode }),
  ...(permits === 1 ? undefined : { permits }),
  ...(lockDelayMillis === 0 ? undefined : { lockDelayMs: lockDelayMillis }),
  ...(maxHoldMillis === null ? undefined : { maxHoldMs: maxHoldMillis }),
  ...(value === null ? undefined : { value }),
  ...(traceparent === undefined ? undefined : { traceparent })
})

/** What a node is asked to wait: in whole milliseconds, and no longer than it may be asked to. */
export const waitOf = (millis: number): number => Math.ceil(Math.max(1, Math.min(millis, waitMillisMax)))
