/** A test in a cluster in memory of its own, with one client of it. */
import { it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import type { LockClient } from "../../src/index.ts"
import { type TestClient, TestCluster } from "../../src/testing.ts"

type Given = TestCluster | TestClient | LockClient | Scope.Scope

export const inCluster = <E, Y extends Effect.Effect<unknown, unknown, Given>>(
  name: string,
  body: () => Generator<Y, void, E>
) =>
  it.effect(name, () =>
    (Effect.gen(body) as Effect.Effect<void, unknown, Given>).pipe(
      Effect.scoped,
      Effect.provide(TestCluster.layer({ ttl: "10 seconds", label: "program" }))
    ))
