/**
 * How much garbage the process of a node may gather before V8 looks through all of its heap.
 *
 * By itself V8 lets a heap double, which is right for a small one and makes two gigabytes of one. Of a heap that is
 * large anyway a quarter is enough, and costs V8 a few collections more, most of each beside the program. A small heap
 * is left alone, and so is the start of a node, during which all that comes stays.
 */
import { Effect } from "effect"
import { getHeapStatistics, setFlagsFromString } from "node:v8"

export interface Heap {
  readonly usedBytes: () => number
  /** How far it may grow from what was left of it by the last collection; 0 leaves that to V8. */
  readonly allow: (percent: number) => void
}

/** Of this process. The flag is read anew at the end of each collection, so that it may change at any time. */
const own: Heap = {
  usedBytes: () => getHeapStatistics().used_heap_size,
  allow: (percent) => setFlagsFromString(`--heap-growing-percent=${percent}`)
}

/** Looks at the heap now and then, for good. */
export const watch = (heap: Heap = own): Effect.Effect<never> => {
  let isLarge = false
  const look = Effect.sync(() => {
    const wasLarge = isLarge
    isLarge = heap.usedBytes() > (wasLarge ? smallBytes : largeBytes)
    if (isLarge !== wasLarge) heap.allow(isLarge ? largeGrowthPercent : 0)
  })
  return Effect.forever(Effect.andThen(look, Effect.sleep(lookMillis)))
}

/** Far apart, so that garbage that comes and goes does not change it back and forth. */
const [largeBytes, smallBytes] = [256 * 2 ** 20, 128 * 2 ** 20]
const largeGrowthPercent = 25
const lookMillis = 1_000
