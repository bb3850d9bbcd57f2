/**
 * All records of the state in order of their creation, whatever their kind: a list that links them through themselves.
 *
 * A record is added when it is created and removed when it ends, each in O(1). A lock is created before the claims on
 * it, and a session before its claims, so whoever reads from the front meets nothing that refers to what is still to
 * come; and both lists a claim stands in, its lock's and its session's, are in this order too.
 */
export interface Created<T> {
  /** Counts creations. No two records share one. */
  readonly order: number
  /** Its neighbours among all records. Set by the list alone. */
  older: T | undefined
  newer: T | undefined
}

export class CreationList<T extends Created<T>> {
  #first: T | undefined = undefined
  #last: T | undefined = undefined

  get first(): T | undefined {
    return this.#first
  }

  /** Adds the youngest. */
  add(record: T): void {
    record.older = this.#last
    if (this.#last === undefined) this.#first = record
    else this.#last.newer = record
    this.#last = record
  }

  remove(record: T): void {
    if (record.older === undefined) this.#first = record.newer
    else record.older.newer = record.newer
    if (record.newer === undefined) this.#last = record.older
    else record.newer.older = record.older
    record.older = undefined
    record.newer = undefined
  }
}
