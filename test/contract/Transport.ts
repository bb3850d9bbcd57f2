/**
 * What every `Transport` promises, whatever is below it. A ground makes nodes that can reach each
 * other, breaks what is between them, and knows how time passes there.
 */
import { describe, type Vitest } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { congestion } from "./transport/Congestion.ts"
import { faults } from "./transport/Faults.ts"
import type { Ground } from "./transport/Ground.ts"
import { links } from "./transport/Links.ts"
import { messages } from "./transport/Messages.ts"
import { peers } from "./transport/Peers.ts"
import { refusals } from "./transport/Refusals.ts"

/** Runs the contract with one of the testers of `it`. */
export const transportContract = (
  name: string,
  test: Vitest.Tester<Scope.Scope>,
  makeGround: Effect.Effect<Ground, never, Scope.Scope>,
  options: { readonly concurrent: boolean }
): void => {
  const on = <E>(run: (ground: Ground) => Effect.Effect<void, E, Scope.Scope>) => () => Effect.flatMap(makeGround, run)
  // On a busy machine and a real clock everything takes its time, and none of it matters here.
  describe(name, { timeout: 60_000, ...options }, () => {
    describe("links", () => links(test, on))
    describe("messages", () => messages(test, on, makeGround))
    describe("peers", () => peers(test, on))
    describe("refusals", () => refusals(test, on))
    describe("faults", () => faults(test, on))
    describe("congestion", () => congestion(test, on))
  })
}
