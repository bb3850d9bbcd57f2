/**
 * A lock table driven by a script: entries in, one line of text for each reply out, so that a test reads as a story.
 */
import type { LockCommand } from "../../../src/lock/LockCommand.ts"
import type { Holder, LockReply, Settled } from "../../../src/lock/LockReply.ts"
import { type LockTable, makeLockTable } from "../../../src/lock/LockTable.ts"
import { name, open } from "./commands.ts"

export class Story {
  readonly table: LockTable = makeLockTable()

  /** Begins at time 0 with these sessions, by name and TTL. */
  constructor(sessions: Readonly<Record<string, number>> = {}) {
    this.table.apply(0, Object.entries(sessions).map(([session, ttlMillis]) => open(session, ttlMillis)))
  }

  /** One entry stamped `time`; what settled by it, as `request: what happened`. */
  at(time: number, ...commands: ReadonlyArray<LockCommand>): ReadonlyArray<string> {
    return this.table.apply(time, commands).map(line)
  }

  /** The holders of a lock and the length of its queue, as of the latest entry. */
  look(lock = "l"): string {
    const { holders, lockDelayLeftMillis, queueLength } = this.table.lock(name(lock), this.table.time)
    return heldBy({ holders, lockDelayLeftMillis, queueLength })
  }
}

const line = ({ reply, request }: Settled): string => `${request}: ${wordsOf(reply)}`

const wordsOf = (reply: LockReply): string => {
  switch (reply._tag) {
    case "Granted": {
      const hold = reply.holdEndsInMillis === undefined ? "" : `, hold ends in ${reply.holdEndsInMillis}`
      return `granted #${reply.token} for ${reply.expiresInMillis}${hold}`
    }
    case "LockHeld":
      return heldBy(reply)
    case "ModeConflict":
      return `conflict with ${reply.mode} ${reply.permits}`
    case "SessionOpened":
    case "SessionRenewed":
      return `${reply._tag} for ${reply.expiresInMillis}`
    case "Abandoned":
      return reply.withdrawn ? "withdrawn" : "not withdrawn"
    default:
      return reply._tag
  }
}

interface Held {
  readonly holders: ReadonlyArray<Holder>
  readonly queueLength: number
  readonly lockDelayLeftMillis: number
}

const heldBy = ({ holders, lockDelayLeftMillis, queueLength }: Held): string => {
  const by = holders.length === 0
    ? "free"
    : `held by ${holders.map(({ label, token }) => `${label}#${token}`).join(" ")}`
  const queue = queueLength === 0 ? "" : `, ${queueLength} wait`
  const delay = lockDelayLeftMillis === 0 ? "" : `, delay ${lockDelayLeftMillis}`
  return by + queue + delay
}
