/**
 * `node --expose-gc bench/snapshot/main.ts [LOCKS]`: what a snapshot of so many held locks (a million) costs the thread
 * that serves them, with entries under way and without, and what the way back costs. It measures the lock table alone:
 * no log, no disk, no network.
 */
import { type LockTable, makeLockTable, restoreLockTable } from "../../src/lock/LockTable.ts"
import * as Machine from "../lib/Machine.ts"
import { Clients } from "./Clients.ts"
import { Work } from "./Work.ts"

const locks = Number(process.argv[2] ?? 1_000_000)

const heapBytes = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const perLock = (bytes: number): string => `${(bytes / locks).toFixed(0)} bytes a lock`

const say = (what: string, figures: string): boolean => process.stdout.write(`${what.padEnd(20)} ${figures}\n`)

const read = async (table: LockTable): Promise<ReadonlyArray<Uint8Array>> => {
  const work = new Work()
  const reader = work.do(() => table.snapshot())
  const pieces: Array<Uint8Array> = []
  for (let piece = work.do(reader.next); piece !== null; piece = work.do(reader.next)) pieces.push(piece.slice())
  say("read, nothing else", `${await work.told()}; ${perLock(pieces.reduce((sum, { length }) => sum + length, 0))}`)
  return pieces
}

/** Ten entries after each piece. */
const readAmongEntries = async (clients: Clients): Promise<void> => {
  const work = new Work()
  const entries = new Work()
  const reader = work.do(() => clients.table.snapshot())
  while (work.do(reader.next) !== null) for (let left = 10; left > 0; left--) entries.do(() => clients.enter())
  say("read among entries", `${await work.told()} with the entries`)
  say("entries meanwhile", `${await entries.told()} with the snapshot`)
}

const applyAlone = async (clients: Clients, count: number): Promise<void> => {
  const entries = new Work()
  for (let left = count; left > 0; left--) entries.do(() => clients.enter())
  say("entries alone", await entries.told())
}

const restore = async (pieces: ReadonlyArray<Uint8Array>): Promise<void> => {
  const before = heapBytes()
  const work = new Work()
  const restoring = restoreLockTable()
  for (const piece of pieces) work.do(() => restoring.add(piece))
  const table = work.do(() => restoring.finish())
  say("restore", await work.told())
  say("restored", `${perLock(heapBytes() - before)}, time ${table.time}`)
}

const { cores, cpu, node } = Machine.machine()
say("machine", `${cores} cores of ${cpu}, Node ${node}; load ${Machine.load()}`)
const before = heapBytes()
const clients = new Clients(makeLockTable(), locks)
say("filled", perLock(heapBytes() - before))
const pieces = await read(clients.table)
await applyAlone(clients, pieces.length * 10)
await readAmongEntries(clients)
await restore(pieces)
say("machine", `load ${Machine.load()}`)
