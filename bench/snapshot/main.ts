/**
 * `node --expose-gc bench/snapshot/main.ts [LOCKS]`: what a snapshot of so many held locks (a million) costs the thread
 * that serves them, with entries under way and without, and what the way back costs. It measures the lock table alone:
 * no log, no disk, no network.
 */
import { type LockTable, makeLockTable, restoreLockTable } from "../../src/lock/LockTable.ts"
import { distribution } from "../lib/Distribution.ts"
import * as Machine from "../lib/Machine.ts"
import { Clients } from "./Clients.ts"

const locks = Number(process.argv[2] ?? 1_000_000)

/** Pieces of work: how long each took, and what all of them cost the processor. */
class Work {
  readonly #millis: Array<number> = []
  readonly #cpu = process.threadCpuUsage()

  do<A>(piece: () => A): A {
    const start = performance.now()
    const result = piece()
    this.#millis.push(performance.now() - start)
    return result
  }

  toString(): string {
    const { count, max, p50, p99 } = distribution(this.#millis)
    const { system, user } = process.threadCpuUsage(this.#cpu)
    const [half, most, longest] = [p50, p99, max].map((millis) => millis.toFixed(2))
    return `${count} pieces, p50 ${half}, p99 ${most}, max ${longest} ms; ${
      ((user + system) / 1_000).toFixed(0)
    } ms of CPU`
  }
}

const heapBytes = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const perLock = (bytes: number): string => `${(bytes / locks).toFixed(0)} bytes a lock`

const say = (what: string, figures: string): boolean => process.stdout.write(`${what.padEnd(20)} ${figures}\n`)

const read = (table: LockTable): ReadonlyArray<Uint8Array> => {
  const work = new Work()
  const reader = work.do(() => table.snapshot())
  const pieces: Array<Uint8Array> = []
  for (let piece = work.do(reader.next); piece !== null; piece = work.do(reader.next)) pieces.push(piece)
  say("read, nothing else", `${work}; ${perLock(pieces.reduce((sum, { length }) => sum + length, 0))}`)
  return pieces
}

/** Ten entries after each piece. */
const readAmongEntries = (clients: Clients): void => {
  const work = new Work()
  const entries = new Work()
  const reader = work.do(() => clients.table.snapshot())
  while (work.do(reader.next) !== null) for (let left = 10; left > 0; left--) entries.do(() => clients.enter())
  say("read among entries", `${work} with the entries`)
  say("entries meanwhile", `${entries} with the snapshot`)
}

const applyAlone = (clients: Clients, count: number): void => {
  const entries = new Work()
  for (let left = count; left > 0; left--) entries.do(() => clients.enter())
  say("entries alone", `${entries}`)
}

const restore = (pieces: ReadonlyArray<Uint8Array>): void => {
  const before = heapBytes()
  const work = new Work()
  const restoring = restoreLockTable()
  for (const piece of pieces) work.do(() => restoring.add(piece))
  const table = work.do(() => restoring.finish())
  say("restore", `${work}`)
  say("restored", `${perLock(heapBytes() - before)}, time ${table.time}`)
}

const { cores, cpu, node } = Machine.machine()
say("machine", `${cores} cores of ${cpu}, Node ${node}; load ${Machine.load()}`)
const before = heapBytes()
const clients = new Clients(makeLockTable(), locks)
say("filled", perLock(heapBytes() - before))
const pieces = read(clients.table)
applyAlone(clients, pieces.length * 10)
readAmongEntries(clients)
restore(pieces)
say("machine", `load ${Machine.load()}`)
