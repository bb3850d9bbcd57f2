/**
 * What can befall a closed log: rows changed behind its back, bytes flipped, files cut or gone.
 */
import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"

export const logFile = (dataDir: string): string => join(dataDir, "log.sqlite")

/** Changes rows as SQLite itself would, so that its own checks see nothing. */
export const edit = (sql: string, ...values: ReadonlyArray<SQLInputValue>) => (dataDir: string): void => {
  const database = new DatabaseSync(logFile(dataDir))
  const { changes } = database.prepare(sql).run(...values)
  database.close()
  if (changes === 0 && !sql.startsWith("PRAGMA") && !sql.startsWith("DROP")) throw new Error(`nothing changed: ${sql}`)
}

export const flip = (path: string, at: number, mask = 1): void => {
  const bytes = readFileSync(path)
  const byte = bytes[at]
  if (byte === undefined) throw new Error(`${path} has no byte ${at}`)
  bytes[at] = byte ^ mask
  writeFileSync(path, bytes)
}

export const cut = (path: string, part: number): void =>
  truncateSync(path, Math.floor(readFileSync(path).length * part))

/** What a crash leaves of a directory that is in use. */
export const copyFiles = (from: string, to: string): void => {
  for (const name of readdirSync(from)) {
    if (name !== "LOCK") cpSync(join(from, name), join(to, name), { recursive: true })
  }
}
