/**
 * The report of a soak says what was not exercised and what was found; it passes nothing over.
 */
import { assert, describe, it } from "@effect/vitest"
import { Recorder } from "../../bench/load/Recorder.ts"
import type { Sample } from "../../bench/soak/Gauges.ts"
import { format, rising, type Soak } from "../../bench/soak/Report.ts"

const sample = (second: number, memoryMiB: number, pid = 1): Sample => ({
  node: "node1",
  pid,
  at: second * 1_000,
  memoryMiB,
  heapMiB: 50,
  diskMiB: 1
})

const seconds = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)

const soak = (rest: Partial<Soak>): Soak => ({
  seed: "1",
  minutes: 10,
  recorder: new Recorder(),
  deeds: new Map(),
  findings: [],
  samples: [],
  calmAt: 0,
  overAt: 300_000,
  ...rest
})

describe("the report of a soak", () => {
  it("names what was never done, with the last answer", () => {
    const deeds = new Map([
      ["killed", { done: 3, refused: 0, lastRefusal: null }],
      ["transfer", { done: 0, refused: 2, lastRefusal: "503 No leader" }],
      ["snapshot", { done: 0, refused: 0, lastRefusal: null }]
    ])
    const lines = format(soak({ deeds })).split("\n").filter((line) => line.includes("NOT EXERCISED"))
    assert.deepStrictEqual(lines.map((line) => line.trim()), [
      "NOT EXERCISED: transfer (503 No leader)",
      "NOT EXERCISED: snapshot (never drawn: the run was too short)"
    ])
  })

  it("ends with the verdict", () => {
    const findings = ["no order", "growth"].map((rule) => ({ rule, message: `of ${rule}` }))
    assert.match(format(soak({})), /\nKept: nothing was found$/)
    assert.match(
      format(soak({ findings })),
      /\nFOUND no order: of no order\nFOUND growth: of growth\nBROKEN: 2 findings$/
    )
  })
})

describe("heap", () => {
  it("whose least grows in the calm part is a violation, however much garbage goes up and down", () => {
    const garbage = (second: number) => 40 * (second % 10) / 10
    const samples = (perSecond: number) =>
      seconds(0, 300).map((second) => ({ ...sample(second, 200), heapMiB: 50 + perSecond * second + garbage(second) }))
    assert.deepStrictEqual(rising(soak({ samples: samples(0) })), [])
    const [finding] = rising(soak({ samples: samples(0.1) }))
    assert.match(finding?.message ?? "", /node1 heap/)
  })
})

describe("memory", () => {
  it("that V8 takes once, for what is young, is none", () => {
    const samples = seconds(0, 300).map((second) => sample(second, second < 200 ? 215 : 270))
    assert.deepStrictEqual(rising(soak({ samples })), [])
  })

  it("that grows in the calm part is a violation", () => {
    const samples = seconds(0, 300).map((second) => sample(second, 100 + second / 2))
    assert.deepStrictEqual(rising(soak({ samples })).map(({ rule }) => rule), ["growth"])
  })

  it("is judged by one process, without the time in which it warms up", () => {
    const before = seconds(0, 100).map((second) => sample(second, 10 + second))
    const after = seconds(100, 300).map((second) => sample(second, 300, 2))
    assert.deepStrictEqual(rising(soak({ samples: [...before, ...after] })), [])
  })
})
