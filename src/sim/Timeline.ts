/**
 * Tells a run as lines for people: when, in which term, what each node is at that moment, and what has happened. Grants
 * are told one by one while there are few to tell, and in sums where they would hide the rest.
 */
import type { NoteKind } from "./Chronicle.ts"

export type Color = "bold" | "dim" | "red" | "green" | "yellow" | "magenta" | "cyan" | "blue"

/** Colours a text, or does not. */
export type Paint = (color: Color, text: string) => string

type Mark = "leads" | "follows" | "down" | "still"

const marks: Readonly<Record<Mark, readonly [string, Color]>> = {
  leads: ["●", "green"],
  follows: ["·", "dim"],
  down: ["×", "red"],
  still: ["‖", "yellow"]
}

const colors: Readonly<Record<NoteKind, Color>> = {
  start: "blue",
  crash: "red",
  wipe: "red",
  pause: "yellow",
  disk: "yellow",
  clock: "yellow",
  cut: "magenta",
  heal: "blue",
  lead: "green",
  depose: "yellow",
  members: "cyan",
  snapshot: "dim",
  session: "dim",
  grant: "cyan",
  release: "dim",
  lost: "magenta",
  client: "dim",
  broken: "red"
}

/** Of these there are many; they are told singly for a while after something else. */
const many: ReadonlySet<NoteKind> = new Set(["session", "grant", "release", "client", "snapshot", "lost"])

export class Timeline {
  readonly #paint: Paint
  readonly #say: (line: string) => void
  readonly #nodes: Array<Mark>
  readonly #stillUntil: Array<number>
  #term = 0
  /** Until then everything is told, and how much more may be. */
  #wordyUntil = 20_000
  #wordsLeft = 20
  #sum = { grants: 0, lost: 0, first: "", last: "", fromMillis: 0 }

  /** With `isWordy` nothing is summed up. */
  constructor(nodes: number, paint: Paint, say: (line: string) => void, isWordy = false) {
    if (isWordy) {
      this.#wordyUntil = Infinity
      this.#wordsLeft = Infinity
    }
    this.#paint = paint
    this.#say = say
    this.#nodes = Array.from({ length: nodes }, () => "follows")
    this.#stillUntil = Array.from({ length: nodes }, () => 0)
  }

  head(): void {
    const numbers = this.#nodes.map((_, at) => String(at + 1)).join(" ")
    const legend = (["leads", "follows", "still", "down"] as const).map((mark) => {
      const [sign, color] = marks[mark]
      return `${this.#paint(color, sign)} ${mark === "still" ? "stands still" : mark === "down" ? "is down" : mark}`
    })
    this.#say(`each node ${legend.join(", ")}`)
    this.#say(this.#paint("bold", `${"time".padStart(11)}  term  ${numbers}  what happens`))
  }

  note(atMillis: number, kind: NoteKind, text: string, node: number | undefined): void {
    if (!many.has(kind)) this.#tellSum(atMillis)
    this.#mark(atMillis, kind, text, node)
    if (!many.has(kind)) {
      this.#wordyUntil = Math.max(this.#wordyUntil, atMillis + 2500)
      this.#wordsLeft = Math.max(this.#wordsLeft, 3)
    } else if (atMillis > this.#wordyUntil || this.#wordsLeft === 0) return this.#count(atMillis, kind, text)
    else this.#wordsLeft -= 1
    this.#line(atMillis, this.#paint(colors[kind], text))
  }

  /** What was summed up and not told. */
  end(): void {
    this.#tellSum(Infinity)
  }

  #mark(atMillis: number, kind: NoteKind, text: string, node: number | undefined): void {
    for (const [at, mark] of this.#nodes.entries()) {
      if (mark === "still" && this.#stillUntil[at]! <= atMillis) this.#nodes[at] = "follows"
    }
    const term = /term (\d+)$/.exec(text)?.[1]
    if (kind === "lead" && term !== undefined) this.#term = Math.max(this.#term, Number(term))
    if (node === undefined || node >= this.#nodes.length) return
    if (kind === "lead") this.#nodes[node] = "leads"
    if (kind === "depose" || kind === "start") this.#nodes[node] = "follows"
    if (kind === "crash" || kind === "wipe") this.#nodes[node] = "down"
    if (kind !== "pause") return
    this.#nodes[node] = "still"
    this.#stillUntil[node] = atMillis + Number(/(\d+) ms/.exec(text)?.[1] ?? 0)
  }

  #count(atMillis: number, kind: NoteKind, text: string): void {
    if (kind === "lost") this.#sum.lost += 1
    if (kind !== "grant") return
    const token = /token (\d+)/.exec(text)?.[1] ?? ""
    if (this.#sum.grants === 0) Object.assign(this.#sum, { first: token, fromMillis: atMillis })
    this.#sum.grants += 1
    this.#sum.last = token
  }

  #tellSum(atMillis: number): void {
    const { first, fromMillis, grants, last, lost } = this.#sum
    this.#sum = { grants: 0, lost: 0, first: "", last: "", fromMillis: 0 }
    if (grants === 0) return
    const tokens = grants === 1 ? `token ${first}` : `tokens ${first} to ${last}`
    const losses = lost === 0 ? "" : `, ${lost} ${lost === 1 ? "lease" : "leases"} lost`
    const words = `${grants} ${grants === 1 ? "grant" : "grants"}, ${tokens}${losses}`
    this.#line(Math.min(fromMillis, atMillis), this.#paint("dim", words))
  }

  #line(atMillis: number, words: string): void {
    const nodes = this.#nodes.map((mark) => this.#paint(marks[mark][1], marks[mark][0])).join(" ")
    this.#say(`${clock(atMillis).padStart(11)}  ${String(this.#term).padStart(4)}  ${nodes}  ${words}`)
  }
}

/** Hours, minutes, seconds and thousandths. */
const clock = (millis: number): string => {
  const seconds = Math.floor(millis / 1000)
  const two = (number: number) => String(number).padStart(2, "0")
  const parts = [two(Math.floor(seconds / 60) % 60), two(seconds % 60)].join(":")
  return `${Math.floor(seconds / 3600)}:${parts}.${String(Math.floor(millis) % 1000).padStart(3, "0")}`
}
