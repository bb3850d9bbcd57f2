/**
 * A map from strings that never stops to grow: many small maps, and the text of a key says which is its own.
 *
 * A `Map` that outgrows its table copies all of it at once, which at a million keys stops a node for a tenth of a
 * second and more. Here each step of growth copies a small part. It has no order that anything could rely on.
 */
export class ShardedMap<K extends string, T> {
  /** One is made when its first key comes: a small table is made at once. */
  readonly #shards: Array<Map<K, T> | undefined> = noShards.slice()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: K): T | undefined {
    return this.#shards[placeOf(key)]?.get(key)
  }

  /** Adds an item. One that has the key already makes room for it. */
  add(key: K, item: T): void {
    const shard = (this.#shards[placeOf(key)] ??= new Map())
    this.#size -= shard.size
    this.#size += shard.set(key, item).size
  }

  /** Returns whether the key was in here. */
  delete(key: K): boolean {
    const isFound = this.#shards[placeOf(key)]?.delete(key) === true
    if (isFound) this.#size--
    return isFound
  }
}

/** A power of two. A million keys are four thousand to a shard, which grows in a fraction of a millisecond. */
const shardCount = 256

/** To copy it takes a tenth of the time of making one. */
const noShards: ReadonlyArray<undefined> = Array.from({ length: shardCount })

const placeOf = (key: string): number => hashOf(key) & (shardCount - 1)

// FNV-1a over the last characters: names that count up differ there.
const hashOf = (key: string): number => {
  let hash = 0x811c_9dc5
  for (let at = Math.max(0, key.length - hashedLength); at < key.length; at++) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x0100_0193)
  }
  return hash ^ (hash >>> 15)
}

const hashedLength = 24
