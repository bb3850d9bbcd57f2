/**
 * Loads a configuration in tests: a node that needs no word but its profile, and what else is said.
 */
import { Effect } from "effect"
import * as Source from "../../../src/node/config/ConfigSource.ts"
import { profile } from "../../../src/node/config/Profile.ts"
import { NodeConfig } from "../../../src/node/NodeConfig.ts"

export type Variables = Readonly<Record<string, string>>

export const loadNode1 = (variables: Variables = {}, flags: Variables = {}) =>
  NodeConfig.load([Source.flags(flags), Source.environment(variables), profile("node1")])

/** What is wrong with node1 under these variables. */
export const complaintsOf = (variables: Variables) =>
  Effect.map(Effect.flip(loadNode1(variables)), ({ complaints }) => complaints)
