/**
 * Items in the order of their keys: a B+ tree with insertion, removal and a walk from any key, each O(log n).
 *
 * It keeps no key twice. A node is freed when it is empty and never merged before (Johnson and Shasha, 1993: "why
 * free-at-empty is better than merge-at-half"). Keys that come in order cost a few comparisons each and fill their
 * nodes. It is plumbing: it knows nothing of locks.
 */
export class OrderedIndex<K, T> {
  readonly #keyOf: (item: T) => K
  readonly #compare: (left: K, right: K) => number
  #root: Node<K, T> = { items: [] }

  constructor(keyOf: (item: T) => K, compare: (left: K, right: K) => number) {
    this.#keyOf = keyOf
    this.#compare = compare
  }

  /** Adds an item whose key is not in here yet. */
  add(item: T): void {
    const right = this.#insert(this.#root, this.#keyOf(item), item)
    if (right === undefined) return
    this.#root = { keys: [right.key, right.key], children: [this.#root, right.node] }
  }

  /** Removes the item with this key, if there is one. */
  remove(key: K): void {
    const isEmpty = this.#delete(this.#root, key)
    if (isEmpty) this.#root = { items: [] }
    while (isBranch(this.#root) && this.#root.children.length === 1) this.#root = this.#root.children[0]!
  }

  /** The item with the lowest key. */
  get first(): T | undefined {
    let node = this.#root
    while (isBranch(node)) node = node.children[0]!
    return node.items[0]
  }

  has(key: K): boolean {
    let node = this.#root
    while (isBranch(node)) node = node.children[this.#childAt(node, key)]!
    return this.#isAt(node, this.#itemAt(node, key), key)
  }

  /** The items whose keys are at or after this one, in order. The index must not change during the walk. */
  from(key: K): Generator<T> {
    return this.#walk(this.#root, key)
  }

  *#walk(node: Node<K, T>, key: K): Generator<T> {
    if (isBranch(node)) {
      for (let at = this.#childAt(node, key); at < node.children.length; at++) {
        yield* this.#walk(node.children[at]!, key)
      }
    } else {
      for (let at = this.#itemAt(node, key); at < node.items.length; at++) yield node.items[at]!
    }
  }

  #insert(node: Node<K, T>, key: K, item: T): Split<K, T> | undefined {
    if (!isBranch(node)) return this.#insertInLeaf(node, key, item)
    const lastKey = node.keys.at(-1)!
    const at = this.#compare(lastKey, key) <= 0 ? node.keys.length - 1 : this.#childAt(node, key)
    const right = this.#insert(node.children[at]!, key, item)
    if (right === undefined) return undefined
    node.keys.splice(at + 1, 0, right.key)
    node.children.splice(at + 1, 0, right.node)
    return node.children.length > nodeSizeMax ? splitBranch(node, splitPoint(node.children, at + 1)) : undefined
  }

  #insertInLeaf(leaf: Leaf<T>, key: K, item: T): Split<K, T> | undefined {
    const { items } = leaf
    const last = items.at(-1)
    const isLast = last === undefined || this.#compare(this.#keyOf(last), key) < 0
    const at = isLast ? items.length : this.#itemAt(leaf, key)
    items.splice(at, 0, item)
    if (items.length <= nodeSizeMax) return undefined
    const right = items.splice(splitPoint(items, at))
    return { key: this.#keyOf(right[0]!), node: { items: right } }
  }

  /** Returns whether the node is empty now. */
  #delete(node: Node<K, T>, key: K): boolean {
    if (!isBranch(node)) {
      const at = this.#itemAt(node, key)
      if (this.#isAt(node, at, key)) node.items.splice(at, 1)
      return node.items.length === 0
    }
    const at = this.#childAt(node, key)
    if (this.#delete(node.children[at]!, key)) {
      node.keys.splice(at, 1)
      node.children.splice(at, 1)
    }
    return node.children.length === 0
  }

  #isAt(leaf: Leaf<T>, at: number, key: K): boolean {
    return at < leaf.items.length && this.#compare(this.#keyOf(leaf.items[at]!), key) === 0
  }

  /** The first item at or after the key. */
  #itemAt(leaf: Leaf<T>, key: K): number {
    let low = 0
    let high = leaf.items.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(this.#keyOf(leaf.items[middle]!), key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The last child that begins at or before the key. The first child has no beginning. */
  #childAt(branch: Branch<K, T>, key: K): number {
    let low = 0
    let high = branch.keys.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#compare(branch.keys[middle]!, key) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }
}

const nodeSizeMax = 64

interface Leaf<T> {
  readonly items: Array<T>
}

/** Child i holds the keys from `keys[i]` up to `keys[i + 1]`. */
interface Branch<K, T> {
  readonly keys: Array<K>
  readonly children: Array<Node<K, T>>
}

type Node<K, T> = Leaf<T> | Branch<K, T>

interface Split<K, T> {
  readonly key: K
  readonly node: Node<K, T>
}

const isBranch = <K, T>(node: Node<K, T>): node is Branch<K, T> => "children" in node

/** In the middle; before what came last if it came at the end: what comes in order leaves full nodes behind. */
const splitPoint = ({ length }: ReadonlyArray<unknown>, inserted: number): number =>
  inserted === length - 1 ? inserted : length >> 1

const splitBranch = <K, T>(branch: Branch<K, T>, at: number): Split<K, T> => {
  const keys = branch.keys.splice(at)
  return { key: keys[0]!, node: { keys, children: branch.children.splice(at) } }
}
