/**
 * What a simulated node is given: the core it runs, its part of the scenario, and who listens to what it does.
 */
import type { Action } from "../../raft/Action.ts"
import type { Member } from "../../raft/Membership.ts"
import type { RaftState } from "../../raft/RaftState.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { Schedule } from "../Schedule.ts"
import type { Core } from "./Core.ts"
import type { SimNode } from "./SimNode.ts"

/** What happens at a node, for whoever watches and for the network. */
export interface Listener {
  readonly turned: (node: SimNode, before: RaftState, actions: ReadonlyArray<Action>) => void
  readonly sends: (node: SimNode, action: Extract<Action, { _tag: "Send" | "SendAfterSync" }>) => void
  readonly sendsSnapshot: (node: SimNode, action: Extract<Action, { _tag: "SendSnapshot" }>) => void
  readonly restarted: (node: SimNode) => void
}

export interface NodeContext {
  readonly core: Core
  readonly scenario: Scenario
  readonly members: ReadonlyArray<Member>
  readonly asks: boolean
  readonly schedule: Schedule
  readonly rng: Rng
  readonly listener: Listener
}
