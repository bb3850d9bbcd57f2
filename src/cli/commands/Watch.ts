/**
 * `holdfast watch`: one line for whatever becomes of a lock, until it is stopped. Behind a lost node it goes on at the
 * next one, and says so.
 */
import { Console, Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { type Watched, watchEvents } from "../../client/Watching.ts"
import { warn } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { harmless, harmlessJson } from "../Harmless.ts"
import { jsonFlag, nodesFlag, resolveNodes } from "../Nodes.ts"
import { type Color, type Style, styleFor } from "../Style.ts"
import { localTime } from "../Times.ts"

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  prefix: Argument.String("prefix").pipe(
    Argument.withDescription("Only locks whose names begin so"),
    Argument.optional
  )
}

export const watch = Command.make(
  "watch",
  flags,
  ({ json, nodes, prefix }) =>
    Effect.gen(function*() {
      const style = styleFor(process.stdout)
      yield* watchEvents({
        nodes: yield* resolveNodes(nodes, process.env),
        prefix: Option.getOrElse(prefix, () => ""),
        tell: (watched) => json ? tellScript(watched) : tellPeople(watched, style)
      })
    })
).pipe(Command.withDescription("Show what becomes of locks, as it happens"))

const tellPeople = (watched: Watched, style: Style): Effect.Effect<void> => {
  switch (watched.event) {
    case "at":
      return Effect.void
    case "watching":
      return warn(`watching ${watched.address}`)
    case "lost":
      return warn(`${watched.message}; trying again`)
    case "cut-off":
      return warn(cutOffWords[watched.data.reason])
    default: {
      const [color, words] = wordsOf(watched)
      const place = `${watched.id.padEnd(10)} ${timeOf(watched).padEnd(19)}`
      return Console.log(`${style("dim", place)}  ${style(color, watched.event.padEnd(8))} ${harmless(words)}`)
    }
  }
}

/** JSON lines: what a script reads of `GET /v1/events`, with its id and its name. */
const tellScript = (watched: Watched): Effect.Effect<void> => {
  if (watched.event === "watching") return Effect.void
  if (watched.event === "lost") return warn(`${watched.message}; trying again`)
  return Console.log(harmlessJson({ id: watched.id, event: watched.event, ...watched.data }))
}

type Shown = Exclude<Watched, { readonly event: "at" | "cut-off" | "watching" | "lost" }>

/** By the clock of the node that led; nobody writes one down for a new leader, nor for what is missing. */
const timeOf = ({ data }: Shown): string => "at" in data && data.at !== undefined ? localTime(Date.parse(data.at)) : "-"

const wordsOf = ({ data, event }: Shown): readonly [Color, string] => {
  switch (event) {
    case "granted":
      return ["green", `${nameOf(data)}  token ${data.token}${after("waited", data.waitedMs)}${waiting(data)}`]
    case "released":
      return [
        "cyan",
        `${nameOf(data)}  token ${data.token}${after("held", data.heldMs)}${because(data)}${waiting(data)}`
      ]
    case "expired":
      return [
        "red",
        `${nameOf(data)}  token ${data.token}${after("held", data.heldMs)}${because(data)}${waiting(data)}`
      ]
    case "queued":
      return ["yellow", `${nameOf(data)}${waiting(data)}`]
    case "left":
      return ["yellow", `${nameOf(data)}${after("waited", data.waitedMs)}${because(data)}${waiting(data)}`]
    case "leader":
      return ["magenta", `${data.leaderId ?? "an earlier node"} leads in term ${data.term}`]
    case "gap":
      return ["red", `events are missing between ${data.after} and here: ${gapWords[data.reason]}`]
  }
}

interface Claim {
  readonly name: string
  readonly label: string
  readonly owner: string
  readonly mode: string
}

const nameOf = ({ label, mode, name, owner }: Claim): string =>
  `${name}  ${[label, owner].filter((part) => part !== "").join("/") || "-"}${mode === "shared" ? "  shared" : ""}`

const after = (what: string, millis: number): string => `  ${what} ${duration(millis)}`

const because = ({ reason }: { readonly reason: string }): string => reason === "released" ? "" : `  ${reason}`

const waiting = ({ queueLength }: { readonly queueLength: number }): string =>
  queueLength === 0 ? "" : `  ${queueLength} wait`

const gapWords = {
  forgotten: "the node keeps no more",
  snapshot: "the node was far behind, and got a snapshot of what they led to",
  unknown: "the node does not know of so late an event; is it of another cluster?"
} as const

const cutOffWords = { "too-slow": "this reader was too slow; going on", stopping: "the node is stopping" } as const
