/**
 * Runs a command against the cluster: with a client that has found a node, and output for people or for scripts.
 */
import { Console, Effect, type Option } from "effect"
import { AdminClient } from "../client/AdminClient.ts"
import { harmlessJson } from "./Harmless.ts"
import { resolveNodes } from "./Nodes.ts"

/** Uses the first node that answers. */
export const ask = <A, E, R>(
  nodes: Option.Option<string>,
  use: (client: AdminClient["Service"]) => Effect.Effect<A, E, R>
) =>
  Effect.flatMap(
    resolveNodes(nodes, process.env),
    (addresses) => Effect.provide(Effect.flatMap(AdminClient, use), AdminClient.layer(addresses))
  )

/** Prints what both people and scripts may want to know, and is no result. */
export const warn = (text: string): Effect.Effect<void> => Console.error(`holdfast: ${text}`)

/** Prints one or the other. */
export const show = (json: boolean, value: object, text: string): Effect.Effect<void> =>
  Console.log(json ? harmlessJson(value, 2) : text)
