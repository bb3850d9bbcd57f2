/**
 * Which part of the program a function belongs to, by where it is written; and how much of the time each part takes.
 */
import type { CallFrame, SelfTime } from "./CpuProfile.ts"

/** The first that fits a place has it. */
const places: ReadonlyArray<readonly [layer: string, place: RegExp]> = [
  ["Raft core", /\/src\/raft\//],
  ["lock table", /\/src\/lock\//],
  // What a node does with `node:fs` as it serves is to sync its log.
  ["log (SQLite, with its sync)", /\/src\/node\/(logstore\/|LogStore)|^node:fs$/],
  ["snapshots", /\/src\/node\/snapshot/],
  ["transport between nodes", /\/src\/node\/(transport\/|Transport)/],
  ["node (turns, codec)", /\/src\/node\//],
  ["server (HTTP and RPC)", /\/src\/(server|api)\//],
  ["client library", /\/src\/client\//],
  ["the measurement itself", /\/bench\//],
  ["effect: RPC", /\/effect\/dist\/rpc\//],
  ["effect: HTTP", /\/effect\/dist\/(http|http-api)\//],
  ["effect: schema and encoding", /\/effect\/dist\/(encoding\/|Schema|internal\/schema)/],
  ["effect: sockets and streams", /\/effect\/dist\/(socket\/|Stream|Channel|Queue|Pull)|platform-node/],
  ["effect: fibers and the rest", /\/node_modules\/effect\//],
  ["Node: HTTP", /^node:(_http|internal\/http)/],
  ["Node: sockets and streams", /^node:(net|stream|internal\/(streams|stream_base|js_stream)|events|buffer)/],
  ["Node: event loop and timers", /^node:(internal\/(timers|process|async_hooks|util\/inspector)|timers)/],
  ["Node: the rest", /^node:/]
]

const itself = new Map([
  ["(garbage collector)", "garbage collection"],
  ["(idle)", "idle"],
  ["(program)", "outside of JavaScript (kernel, V8)"]
])

export const idle = "idle"

export const layerOf = ({ functionName, url }: CallFrame): string =>
  itself.get(functionName) ?? places.find(([, place]) => place.test(url))?.[0] ?? "other"

export interface Share {
  readonly name: string
  /** Of the time of the profile, 0 to 1. */
  readonly share: number
}

/** The largest first. */
export const shares = (times: ReadonlyArray<SelfTime>): ReadonlyArray<Share> => {
  const sums = new Map<string, number>()
  for (const { micros, owner } of times) {
    const layer = layerOf(owner)
    sums.set(layer, (sums.get(layer) ?? 0) + micros)
  }
  return relative([...sums])
}

/** The functions that take the most, without what is no function. */
export const hottest = (times: ReadonlyArray<SelfTime>, count: number): ReadonlyArray<Share> => {
  const whole = times.reduce((sum, { micros }) => sum + micros, 0)
  return times.filter(({ frame }) => !frame.functionName.startsWith("("))
    .slice(0, count)
    .map(({ frame, micros, owner }) => ({ name: nameOf(frame, owner), share: micros / whole }))
}

const relative = (sums: ReadonlyArray<readonly [string, number]>): ReadonlyArray<Share> => {
  const whole = sums.reduce((sum, [, micros]) => sum + micros, 0)
  return sums.map(([name, micros]) => ({ name, share: micros / whole })).toSorted((a, b) => b.share - a.share)
}

const nameOf = ({ functionName, lineNumber, url }: CallFrame, owner: CallFrame): string => {
  const name = functionName === "" ? "(a function without a name)" : functionName
  return url === ""
    ? `${name}, native, for ${placeOf(owner)}`
    : `${name}, ${placeOf({ functionName, lineNumber, url })}`
}

/** Without the folders above the package. */
const placeOf = ({ lineNumber, url }: CallFrame): string =>
  `${url.replace(/^.*\/(node_modules|src|bench)\//, (_, root) => root === "node_modules" ? "" : `${root}/`)}:${
    lineNumber + 1
  }`
