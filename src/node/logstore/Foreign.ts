/**
 * The door to Node's file system and SQLite, which throw.
 *
 * What they throw is read here and nowhere else. What they cannot throw is a bug of ours and stays a
 * defect.
 */
import { Effect, Predicate } from "effect"
import { LogStoreError } from "../LogStore.ts"
import { failure, type Reason } from "./Failure.ts"

/** Runs code that calls Node or SQLite, or throws a `LogStoreError` itself. */
export const attempt = <A>(dataDir: string, run: () => A): Effect.Effect<A, LogStoreError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch (thrown) {
      if (thrown instanceof LogStoreError) return Effect.fail(thrown)
      const read = readThrown(thrown)
      if (read === undefined) return Effect.die(thrown)
      return Effect.fail(failure(read.reason, dataDir, read.detail, thrown))
    }
  })

/** What Node or SQLite means by it; undefined when it comes from neither. */
export const readThrown = (thrown: unknown): { readonly reason: Reason; readonly detail: string } | undefined => {
  const reason = reasonOf(thrown)
  return reason === undefined ? undefined : { reason, detail: detailOf(thrown) }
}

/** Primary result codes of SQLite, https://sqlite.org/rescode.html. The others say that we misuse it. */
const sqliteReasons = new Map<number, Reason>([
  [1, "corrupt"], // SQLITE_ERROR: our statements are right, so it is the tables that are not
  [3, "not-writable"], // SQLITE_PERM
  [5, "in-use"], // SQLITE_BUSY
  [6, "in-use"], // SQLITE_LOCKED
  [7, "io"], // SQLITE_NOMEM
  [8, "not-writable"], // SQLITE_READONLY
  [10, "io"], // SQLITE_IOERR
  [11, "corrupt"], // SQLITE_CORRUPT
  [13, "full"], // SQLITE_FULL
  [14, "not-writable"], // SQLITE_CANTOPEN
  [15, "in-use"], // SQLITE_PROTOCOL
  [26, "corrupt"] // SQLITE_NOTADB
])

/** Extended codes that mean something else than their primary code: a file that is too short, or not what it was. */
const sqliteExtendedReasons = new Map<number, Reason>([
  [522, "corrupt"], // SQLITE_IOERR_SHORT_READ
  [8458, "corrupt"] // SQLITE_IOERR_CORRUPTFS
])

const nodeReasons = new Map<string, Reason>([
  ["EACCES", "not-writable"],
  ["EEXIST", "not-writable"],
  ["EISDIR", "not-writable"],
  ["ELOOP", "not-writable"],
  ["ENAMETOOLONG", "not-writable"],
  ["ENOENT", "not-writable"],
  ["ENOTDIR", "not-writable"],
  ["EPERM", "not-writable"],
  ["EROFS", "not-writable"],
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  // A number of the log beyond 2^53, which no node has written.
  ["ERR_OUT_OF_RANGE", "corrupt"]
])

const reasonOf = (thrown: unknown): Reason | undefined => {
  if (!Predicate.isObject(thrown)) return undefined
  const { code, errcode, syscall } = thrown as { code?: unknown; errcode?: unknown; syscall?: unknown }
  if (typeof errcode === "number") return sqliteExtendedReasons.get(errcode) ?? sqliteReasons.get(errcode & 0xff)
  if (typeof code !== "string") return undefined
  return nodeReasons.get(code) ?? (typeof syscall === "string" ? "io" : undefined)
}

const detailOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown)
  const { errcode } = thrown as { errcode?: number }
  return errcode === undefined ? thrown.message : `${thrown.message}, SQLite code ${errcode}`
}
