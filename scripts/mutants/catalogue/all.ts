/**
 * Every planted bug there is. Each is one that others really had, or that is one slip away.
 */
import type { Mutant } from "../Mutant.ts"
import { coreMutants } from "./core.ts"
import { lockMutants } from "./locks.ts"
import { membershipMutants } from "./membership.ts"
import { nodeMutants } from "./nodes.ts"
import { snapshotMutants } from "./snapshots.ts"

export const mutants: ReadonlyArray<Mutant> = [
  ...coreMutants,
  ...membershipMutants,
  ...lockMutants,
  ...snapshotMutants,
  ...nodeMutants
]
