/**
 * The process of a `Workload`: one client of the nodes that it is given, which runs one load after another as it is
 * asked over its channel.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Queue } from "effect"
import { engineOf } from "../../../src/client/ClientOptions.ts"
import { Client } from "../../../src/client/engine/Client.ts"
import type { Asked } from "../Workload.ts"
import * as Closed from "./Closed.ts"
import * as Open from "./Open.ts"

const program = Effect.gen(function*() {
  const client = yield* Client
  const questions = yield* Queue.unbounded<Asked>()
  process.on("message", (asked: Asked) => Queue.offerUnsafe(questions, asked))
  process.send?.("ready")
  while (true) {
    const asked = yield* Queue.take(questions)
    const figures = yield* asked.kind === "closed" ? Closed.run(client, asked) : Open.run(client, asked)
    process.send?.(figures)
  }
})

program.pipe(
  Effect.provide(engineOf({ nodes: process.argv.slice(2), label: "bench" })),
  NodeRuntime.runMain
)
