/**
 * Every invariant of the simulation of the core.
 */
import type { Scenario } from "../../Scenario.ts"
import { checked } from "../Violation.ts"
import type { Invariant, World } from "../World.ts"
import * as Durability from "./Durability.ts"
import * as ElectionSafety from "./ElectionSafety.ts"
import * as LeaderAppendOnly from "./LeaderAppendOnly.ts"
import * as LeaderCompleteness from "./LeaderCompleteness.ts"
import * as LinearizableReads from "./LinearizableReads.ts"
import * as LockRules from "./LockRules.ts"
import * as LogMatching from "./LogMatching.ts"
import * as Monotonic from "./Monotonic.ts"
import * as OneServerAtATime from "./OneServerAtATime.ts"
import * as ReplicatedClock from "./ReplicatedClock.ts"
import * as Snapshots from "./Snapshots.ts"
import * as StateMachineSafety from "./StateMachineSafety.ts"

export const all = (world: World, { clockSpread }: Scenario): ReadonlyArray<Invariant> => {
  const clock = ReplicatedClock.make(world, clockSpread)
  const rules = LockRules.make(world)
  const snapshots = Snapshots.make(world)
  const committed: Invariant["committed"] = (entry, node) => {
    checked(clock.name, () => clock.committed?.(entry, node))
    checked(rules.name, () => rules.committed?.(entry, node))
    snapshots.committed?.(entry, node)
  }
  return [
    clock,
    ElectionSafety.make(),
    LeaderAppendOnly.make(world),
    LogMatching.make(world),
    StateMachineSafety.make(world, committed),
    LeaderCompleteness.make(world),
    Monotonic.make(),
    Durability.make(world),
    LinearizableReads.make(world),
    OneServerAtATime.make(),
    snapshots
  ]
}
