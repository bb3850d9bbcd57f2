/**
 * `holdfast snapshot restore`: a new cluster out of a backup, of one node to begin with.
 *
 * The old cluster went on after the backup, and may be going on. So the token counter begins far above the backup's,
 * and nothing is granted until whoever held a lock then has surely noticed that it is lost.
 */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { SecureRandom } from "effect/crypto"
import * as Backup from "../../node/backup/Backup.ts"
import { type Options, restore as restoreBackup, type Restored } from "../../node/backup/Restore.ts"
import { show } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { addressFlag, nodeFlag } from "../NodeArgument.ts"
import { jsonFlag } from "../Nodes.ts"

const flags = {
  json: jsonFlag,
  nodeId: nodeFlag.pipe(Flag.withDescription("The name of the first node of the new cluster")),
  raft: addressFlag.pipe(Flag.withDescription("Where its Raft port will be, as the other nodes reach it")),
  dataDir: Flag.String("data-dir").pipe(
    Flag.withDescription("Its data directory, which is made, or is there and empty"),
    Flag.withMetavar("directory")
  ),
  tokensAbove: Flag.Int("tokens-above").pipe(
    Flag.filter((token) => token >= 0, () => "a fencing token: a whole number below 2^53"),
    Flag.withDescription("A token that the old cluster is known to have reached since the backup"),
    Flag.withMetavar("token"),
    Flag.withDefault(0)
  ),
  grantNow: Flag.Boolean("grant-now").pipe(
    Flag.withDescription("Grant at once: the old cluster and all its clients are known to have stopped"),
    Flag.withDefault(false)
  ),
  file: Argument.String("file").pipe(Argument.withDescription("A file that `snapshot save` has written"))
}

export const restore = Command.make(
  "restore",
  flags,
  ({ file, json, ...options }) =>
    Effect.gen(function*() {
      const backup = yield* Backup.read(file)
      const restored = yield* restoreBackup(backup, options)
      yield* show(json, scriptOf(restored, backup, options), textOf(restored, backup, options))
    }).pipe(Effect.provide(SecureRandom.layerWebCrypto))
).pipe(Command.withDescription("Make the first node of a new cluster out of a backup"))

const scriptOf = (restored: Restored, { snapshot: { index } }: Backup.Backup, { dataDir, nodeId }: Options) => ({
  nodeId,
  dataDir,
  clusterId: restored.clusterId,
  index,
  sessionsEnded: restored.sessionsEnded,
  locksFreed: restored.locksFreed,
  lastToken: { backup: restored.tokensBefore, restored: restored.tokensFrom },
  grantsAfterMs: restored.grantsAfterMillis
})

const textOf = (restored: Restored, { path, snapshot }: Backup.Backup, { dataDir, nodeId, raft }: Options): string => {
  const { clusterId, grantsAfterMillis, locksFreed, sessionsEnded, tokensBefore, tokensFrom } = restored
  const grants = grantsAfterMillis === 0
    ? "Locks are granted at once."
    : `Nothing is granted until it has run for ${duration(grantsAfterMillis)}, the longest TTL in the backup.`
  return [
    `${dataDir} is the data directory of ${nodeId}, alone in the new cluster ${clusterId},`,
    `with what ${path} has of entry ${snapshot.index}.`,
    `Sessions ended: ${sessionsEnded}; locks freed: ${locksFreed}.`,
    `Tokens go on above ${tokensFrom}; the last one in the backup is ${tokensBefore}.`,
    `Whoever restores this backup once more, or an older one, must say --tokens-above ${tokensFrom},`,
    "or that cluster grants the tokens again that this one has granted.",
    grants,
    `Start with --node-id ${nodeId} --data-dir ${dataDir} --peers ${nodeId}@${raft}; further nodes start with --join.`
  ].join("\n")
}
