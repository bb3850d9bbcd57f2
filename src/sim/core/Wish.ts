/**
 * What a client asks for in one visit. Each lock is of one kind: exclusive, for readers and writers, or a semaphore.
 */
import { LockName } from "../../lock/Identifiers.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"

export interface Wish {
  readonly lock: LockName
  readonly owner: string
  readonly mode: "exclusive" | "shared"
  readonly permits: number
  readonly waitMillis: number
  readonly lockDelayMillis: number
  readonly maxHoldMillis?: number
}

export const drawWish = (rng: Rng, { clients, seed }: Scenario, visit: number): Wish => {
  const place = rng.between(0, clients.locks - 1)
  const kind = kinds[(place + seed) % kinds.length]
  return {
    lock: LockName.make(`lock${place + 1}`),
    owner: `visit${visit}`,
    mode: kind === "rw" && rng.chance(0.6) ? "shared" : "exclusive",
    permits: kind === "semaphore" ? 2 : 1,
    waitMillis: Math.floor(rng.next() * clients.waitMillisMax),
    lockDelayMillis: rng.chance(0.2) ? 100 : 0,
    ...(rng.chance(0.2) ? { maxHoldMillis: Math.ceil(clients.holdMillisMax * 1.5) } : {})
  }
}

const kinds = ["exclusive", "rw", "semaphore"] as const
