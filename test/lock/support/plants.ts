/**
 * Bugs to plant in a lock table, each a mistake that somebody could make: what a comparison must find before it is
 * believed. A plant stands in front of `apply` and changes what goes in or what comes out.
 */
import type { LockCommand } from "../../../src/lock/LockCommand.ts"
import type { Settled } from "../../../src/lock/LockReply.ts"
import type { LockTable } from "../../../src/lock/LockTable.ts"
import { token } from "./commands.ts"

type Plant = (table: LockTable) => LockTable["apply"]

export const nothing: Plant = (table) => (time, commands) => table.apply(time, commands)

/** Each command is understood as another one. */
const understood =
  (as: (command: LockCommand, table: LockTable) => LockCommand | undefined): Plant => (table) => (time, commands) =>
    table.apply(time, commands.flatMap((command) => as(command, table) ?? []))

const answered =
  (as: (settled: ReadonlyArray<Settled>) => ReadonlyArray<Settled>): Plant => (table) => (time, commands) =>
    as(table.apply(time, commands))

export const plants: Readonly<Record<string, Plant>> = {
  nothing,
  "what is due at the stamp ends": (table) => (time, commands) => table.apply(time + 1, commands),
  "nothing ends while nobody asks": (table) => (time, commands) =>
    commands.length === 0 ? [] : table.apply(time, commands),
  "a release goes by the name of the lock": understood((command, table) => {
    const held = command._tag === "Release" ? table.lock(command.lock, table.time).holders[0]?.token : undefined
    return command._tag === "Release" && held !== undefined ? { ...command, token: held } : command
  }),
  "a release goes by the token and not by the owner": understood((command) => {
    if (command._tag !== "Release") return command
    const { owner: _, ...rest } = command
    return rest
  }),
  "waiters of a session that ended hear nothing": answered((settled) =>
    settled.filter(({ reply }) => reply._tag !== "SessionExpired")
  ),
  "a retry does not shorten its wait": understood((command) =>
    command._tag === "Acquire" ? { ...command, waitMillis: Math.max(1, command.waitMillis) } : command
  ),
  "a seq is not remembered": understood((command) => {
    if (command._tag !== "Acquire" && command._tag !== "Release") return command
    const { seq: _, ...rest } = command
    return rest
  }),
  "a seqDone is passed over": understood((command) => {
    if (command._tag !== "Acquire" && command._tag !== "Release") return command
    const { seqDone: _, ...rest } = command
    return rest
  }),
  "a lock-delay is not kept": understood((command) =>
    command._tag === "Acquire" ? { ...command, lockDelayMillis: 0 } : command
  ),
  "a hold has no end of its own": understood((command) => {
    if (command._tag !== "Acquire") return command
    const { maxHoldMillis: _, ...rest } = command
    return rest
  }),
  "a hang-up withdraws whatever its session has": understood((command) =>
    command._tag === "Abandon" ? { ...command, _tag: "EndSession" } : command
  ),
  "a renewal makes a session that has ended": understood((command) =>
    command._tag === "RenewSession" ? { ...command, _tag: "OpenSession", ttlMillis: 1_000, label: "risen" } : command
  ),
  "nobody waits behind others": understood((command, table) =>
    command._tag === "Acquire" && table.lock(command.lock, table.time).queueLength > 0
      ? { ...command, waitMillis: 0 }
      : command
  ),
  "tokens begin anew": answered((settled) =>
    settled.map(({ reply, request }) =>
      reply._tag === "Granted"
        ? { request, reply: { ...reply, token: token(reply.token % 50) } }
        : { request, reply }
    )
  )
}
