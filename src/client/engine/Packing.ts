/**
 * Packs calls into batches that a node takes: each session's operations together, with what the session is done with,
 * and none longer than a frame.
 */
import type { Group, Operation } from "../../api/rpc/Conversation.ts"
import type { Call } from "./Call.ts"
import type { ClientSession } from "./ClientSession.ts"

/** UTF-8 has at most three bytes for a UTF-16 unit; a node takes a frame of a megabyte. */
const batchBytesMax = 512 * 1024
const bytesPerUnit = 3
const operationBytes = 96

/** In the order of their sessions' first calls. */
export const packed = (calls: Iterable<Call>, now: number): ReadonlyArray<ReadonlyArray<Group>> => {
  const batches: Array<ReadonlyArray<Group>> = []
  let batch = new Map<ClientSession | null, Array<Operation>>()
  let bytes = 0
  for (const call of calls) {
    const operation = call.operation(call.id, now)
    bytes += bytesOf(operation)
    if (bytes > batchBytesMax && batch.size > 0) {
      batches.push(groupsOf(batch))
      batch = new Map()
      bytes = bytesOf(operation)
    }
    const operations = batch.get(call.session)
    if (operations === undefined) batch.set(call.session, [operation])
    else operations.push(operation)
    call.sentAt = now
  }
  if (batch.size > 0) batches.push(groupsOf(batch))
  return batches
}

const groupsOf = (batch: ReadonlyMap<ClientSession | null, ReadonlyArray<Operation>>): ReadonlyArray<Group> =>
  Array.from(batch, ([session, operations]) =>
    session === null || session.id === null
      ? { operations }
      : { session: session.id, seqDone: session.seqs.doneThrough, operations })

const bytesOf = (operation: Operation): number => {
  const lock = "lock" in operation ? operation.lock.length : 0
  const owner = "owner" in operation ? operation.owner.length : 0
  const label = operation._tag === "OpenSession" ? operation.label?.length ?? 0 : 0
  const value = operation._tag === "Acquire" ? operation.value?.length ?? 0 : 0
  return operationBytes + bytesPerUnit * (lock + owner + label + value)
}
