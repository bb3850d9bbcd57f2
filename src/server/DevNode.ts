/**
 * One node of a cluster that `holdfast dev` runs: a node as in production, whose links can be cut and whose dashboard
 * reaches the process that runs it.
 */
import { Layer } from "effect"
import { LinkCuts, makeLinkCuts } from "../node/transport/LinkCuts.ts"
import { DevControl } from "./dev/DevControl.ts"
import { SingleNode } from "./SingleNode.ts"

const layer = (control: DevControl) =>
  SingleNode.layer.pipe(
    Layer.provide([Layer.succeed(DevControl, control), Layer.sync(LinkCuts, makeLinkCuts)])
  )

export type { DevControl }

export const DevNode = { layer }
