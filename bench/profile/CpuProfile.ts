/**
 * What a profile of V8 (`.cpuprofile`) says of where the time went: self time by function. A native function counts
 * for whoever called it, since it has no place of its own.
 */

export interface CallFrame {
  readonly functionName: string
  /** Empty for native functions and for what V8 does by itself. */
  readonly url: string
  readonly lineNumber: number
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: CallFrame
  readonly children?: ReadonlyArray<number>
}

export interface CpuProfile {
  readonly nodes: ReadonlyArray<ProfileNode>
  readonly samples: ReadonlyArray<number>
  /** In microseconds: from the sample before to the one of the same position. */
  readonly timeDeltas: ReadonlyArray<number>
}

export interface SelfTime {
  readonly frame: CallFrame
  /** Whose work it is: the nearest caller that has a place, itself if it has. */
  readonly owner: CallFrame
  readonly micros: number
}

/** The longest first; frames of the same function and owner are one. */
export const selfTimes = ({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyArray<SelfTime> => {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ children = [], id }) => children.map((child) => [child, id] as const)))
  const micros = new Map<number, number>()
  for (const [at, id] of samples.entries()) {
    // A sample lasts until the next one is taken.
    micros.set(id, (micros.get(id) ?? 0) + Math.max(0, timeDeltas[at + 1] ?? 0))
  }
  const ownerOf = (id: number): CallFrame => {
    const { callFrame } = byId.get(id)!
    const parent = parents.get(id)
    const isPlaced = callFrame.url !== "" || callFrame.functionName.startsWith("(")
    return isPlaced || parent === undefined ? callFrame : ownerOf(parent)
  }
  const sums = new Map<string, SelfTime>()
  for (const [id, spent] of micros) {
    const frame = byId.get(id)!.callFrame
    const owner = ownerOf(id)
    const key = [frame, owner].map((each) => `${each.functionName} ${each.url}:${each.lineNumber}`).join(" < ")
    sums.set(key, { frame, owner, micros: (sums.get(key)?.micros ?? 0) + spent })
  }
  return [...sums.values()].toSorted((a, b) => b.micros - a.micros)
}
