/**
 * The three ways in which a leader is lost: its process dies, it stands still, or its cable is pulled. A
 * strike is one synchronous call, so that the moment of it can be told to the microsecond.
 */
import { Effect, type Scope } from "effect"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { loopback, type Site } from "../lib/BenchCluster.ts"
import * as Namespaces from "../lib/Namespaces.ts"

export interface Strike {
  readonly name: "kill" | "freeze" | "cut"
  readonly says: string
  readonly sites: ReadonlyArray<Site>
  readonly hit: (leader: TestNode) => void
  /** Gives the cluster its node back. */
  readonly mend: (leader: TestNode) => Effect.Effect<void>
}

const three = [loopback, loopback, loopback]

export const kill: Strike = {
  name: "kill",
  says: "kill -9 of the leader",
  sites: three,
  hit: (leader) => process.kill(leader.process().pid, "SIGKILL"),
  mend: (leader) => Effect.andThen(leader.process().ended, Effect.asVoid(leader.start))
}

export const freeze: Strike = {
  name: "freeze",
  says: "SIGSTOP of the leader",
  sites: three,
  hit: (leader) => process.kill(leader.process().pid, "SIGSTOP"),
  mend: (leader) => leader.kill("SIGCONT")
}

/** Needs networks of its own, which are gone with the scope. */
export const cut: Effect.Effect<Strike, never, Scope.Scope> = Effect.map(Namespaces.make(3), (cables) => {
  const cableOf = ({ host }: TestNode) => {
    const cable = cables.find(({ site }) => site.host === host)
    if (cable === undefined) throw new Error(`no cable leads to ${host}`)
    return cable
  }
  return {
    name: "cut",
    says: "the leader's network cut",
    sites: cables.map(({ site }) => site),
    hit: (leader) => cableOf(leader).pull(),
    mend: (leader) => Effect.sync(() => cableOf(leader).plug())
  }
})
