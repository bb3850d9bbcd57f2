/**
 * `holdfast snapshot save`: a backup of the running cluster, as one node has it, verified when it is here.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { verify } from "../../node/backup/Backup.ts"
import { ask, show, warn } from "../Asking.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { size } from "../Sizes.ts"
import { writeWhole } from "../WholeFile.ts"

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  file: Argument.String("file").pipe(Argument.withDescription("The file to write, which must not be there yet"))
}

export const save = Command.make(
  "save",
  flags,
  ({ file, json, nodes }) =>
    ask(nodes, (client) =>
      Effect.gen(function*() {
        const { leaderId, nodeId } = yield* client.status
        // Without a leader a backup is worth most: it is what is left. With one, it would soon be there too.
        if (leaderId === null) {
          yield* warn(`${nodeId} knows of no leader; its snapshot may lack what the others have decided since`)
        }
        const { bytes, snapshot: { index } } = yield* writeWhole(file, client.downloadSnapshot, verify)
        const text = `${file} is a snapshot of ${nodeId} at entry ${index}, ${size(bytes)} long.`
        yield* show(json, { file, nodeId, index, bytes }, text)
      }))
).pipe(Command.withDescription("Take a snapshot of a node and write it to a file"))
