/**
 * A map from strings that never stops to grow: many small maps, and the text of a key says which is its own.
 *
 * A `Map` that outgrows its table copies all of it at once, which at a million keys stops a node for a tenth of a
 * second and more. Here each step of growth copies a small part. It has no order that anything could rely on.
 */
export class ShardedMap<K extends string, T> {
  readonly #shards: ReadonlyArray<Map<K, T>> = Array.from({ length: shardCount }, () => new Map<K, T>())
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: K): T | undefined {
    return this.#shardOf(key).get(key)
  }

  /** Adds an item. One that has the key already makes room for it. */
  add(key: K, item: T): void {
    const shard = this.#shardOf(key)
    this.#size -= shard.size
    this.#size += shard.set(key, item).size
  }

  /** Returns whether the key was in here. */
  delete(key: K): boolean {
    const isFound = this.#shardOf(key).delete(key)
    if (isFound) this.#size--
    return isFound
  }

  #shardOf(key: K): Map<K, T> {
    return this.#shards[hashOf(key) & (shardCount - 1)]!
  }
}

/** A power of two. A million keys are four thousand to a shard, which grows in a fraction of a millisecond. */
const shardCount = 256

// FNV-1a over the last characters: names that count up differ there.
const hashOf = (key: string): number => {
  let hash = 0x811c_9dc5
  for (let at = Math.max(0, key.length - hashedLength); at < key.length; at++) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x0100_0193)
  }
  return hash ^ (hash >>> 15)
}

const hashedLength = 24
