/**
 * What every `Transport` promises, whatever is below it. A ground makes nodes that can reach each
 * other, breaks what is between them, and knows how time passes there.
 */
import { describe, type Vitest } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { congestion } from "./transport/Congestion.ts"
import { faults } from "./transport/Faults.ts"
import { type Ground, n1, type VersionsOf } from "./transport/Ground.ts"
import { joiners } from "./transport/Joiners.ts"
import { links } from "./transport/Links.ts"
import { messages } from "./transport/Messages.ts"
import { peers } from "./transport/Peers.ts"
import { refusals } from "./transport/Refusals.ts"

/** Which versions of the protocol n1, which is one of two in most tests, and the others speak. */
const both = { oldest: 1, newest: 2 }
const first = { oldest: 1, newest: 1 }
const mixtures = {
  "version 1": { ours: first, theirs: first, agreed: 1 },
  "versions 1 and 2 with version 1": { ours: both, theirs: first, agreed: 1 },
  "version 1 with versions 1 and 2": { ours: first, theirs: both, agreed: 1 },
  "versions 1 and 2": { ours: both, theirs: both, agreed: 2 }
} as const

interface Options {
  readonly concurrent: boolean
  readonly speaking: keyof typeof mixtures
}

/** Runs the contract with one of the testers of `it`. */
export const transportContract = (
  name: string,
  test: Vitest.Tester<Scope.Scope>,
  makeGroundOf: (versionsOf: VersionsOf) => Effect.Effect<Ground, never, Scope.Scope>,
  { concurrent, speaking }: Options
): void => {
  const { agreed, ours, theirs } = mixtures[speaking]
  const makeGround = makeGroundOf((id) => id === n1 ? ours : theirs)
  const on = <E>(run: (ground: Ground) => Effect.Effect<void, E, Scope.Scope>) => () => Effect.flatMap(makeGround, run)
  // On a busy machine and a real clock everything takes its time, and none of it matters here.
  describe(`${name}, speaking ${speaking}`, { timeout: 60_000, concurrent }, () => {
    describe("links", () => links(test, on, agreed))
    describe("messages", () => messages(test, on, makeGround, agreed))
    describe("peers", () => peers(test, on))
    // In version 1 nobody says where they can be dialed.
    describe.runIf(agreed > 1)("joiners", () => joiners(test, on))
    describe("refusals", () => refusals(test, on))
    describe("faults", () => faults(test, on))
    describe("congestion", () => congestion(test, on))
  })
}
