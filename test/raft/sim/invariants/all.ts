/**
 * Every invariant of the simulation of the core.
 */
import type { Invariant, World } from "../World.ts"
import * as Durability from "./Durability.ts"
import * as ElectionSafety from "./ElectionSafety.ts"
import * as LeaderAppendOnly from "./LeaderAppendOnly.ts"
import * as LeaderCompleteness from "./LeaderCompleteness.ts"
import * as LinearizableReads from "./LinearizableReads.ts"
import * as LogMatching from "./LogMatching.ts"
import * as Monotonic from "./Monotonic.ts"
import * as OneServerAtATime from "./OneServerAtATime.ts"
import * as Snapshots from "./Snapshots.ts"
import * as StateMachineSafety from "./StateMachineSafety.ts"

export const all = (world: World): ReadonlyArray<Invariant> => [
  ElectionSafety.make(),
  LeaderAppendOnly.make(world),
  LogMatching.make(world),
  StateMachineSafety.make(world),
  LeaderCompleteness.make(world),
  Monotonic.make(),
  Durability.make(world),
  LinearizableReads.make(world),
  OneServerAtATime.make(),
  Snapshots.make(world)
]
