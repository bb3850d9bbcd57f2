/**
 * What the contract of a `LogStore` stands on: one disk, on which stores are opened one after the other, and which can
 * be made to fail.
 */
import { Effect, type Scope } from "effect"
import type { LogStore, LogStoreError, LogWrite } from "../../../src/node/LogStore.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { type Model, modelOf } from "../../node/logstore/Model.ts"

export interface Ground {
  /** Opens a store on the disk, until the scope closes. */
  readonly open: (nodeId: NodeId) => Effect.Effect<LogStore["Service"], LogStoreError, Scope.Scope>
  /** Lets every sync fail for this reason, or none. */
  readonly fail: (reason: "full" | "io" | null) => Effect.Effect<void>
}

/** Makes a test of what is done on a ground of its own. */
export type On = <E>(
  run: (ground: Ground) => Effect.Effect<void, E, Scope.Scope>
) => () => Effect.Effect<void, E, Scope.Scope>

export const [n1, n2] = [NodeId.make("n1"), NodeId.make("n2")]

/** Opens the store of n1, works with it and closes it. */
export const use = <A, E>(
  ground: Ground,
  work: (store: LogStore["Service"]) => Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<A, E | LogStoreError> => Effect.scoped(Effect.flatMap(ground.open(n1), work))

export const reopened = (ground: Ground): Effect.Effect<Model, LogStoreError> =>
  use(ground, ({ recovered }) => Effect.succeed(modelOf(recovered)))

export const write = (store: LogStore["Service"], wanted: Partial<LogWrite>): Effect.Effect<void, LogStoreError> =>
  store.write({ entries: [], hardState: null, ...wanted })
