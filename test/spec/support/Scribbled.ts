/** Short histories of one lock, made up at random: about half of them are such as no sound service can answer. */
import type { Operation } from "../../../src/spec/history/Operation.ts"
import { Numbers } from "./Numbers.ts"

export const scribbled = (seed: number): ReadonlyArray<Operation> => {
  const numbers = new Numbers(seed)
  const owners = ["p", "q", "r"].slice(0, 1 + numbers.below(3)).map((owner, at) => ({ owner, token: at + 1 }))
  // Now and then tokens go back.
  if (numbers.isWithin(0.2)) owners.toReversed().forEach((owner, at) => owner.token = at + 1)
  return [
    ...owners.map((owner, at) => acquire(numbers, owner, 6 * at)),
    ...Array.from({ length: 1 + numbers.below(4) }, () => other(numbers, numbers.oneOf(owners)))
  ]
}

interface Owner {
  readonly owner: string
  readonly token: number
}

const interval = (numbers: Numbers, from: number, length: number) => {
  const start = from + numbers.below(length)
  return { start: start * 1e6, end: (start + numbers.below(6)) * 1e6 }
}

const acquire = (numbers: Numbers, { owner, token }: Owner, from: number): Operation => {
  const result = numbers.oneOf(["ok", "ok", "ok", "held", "unknown", "fail"] as const)
  const asked = { client: owner, name: "a", owner, op: "acquire", ...interval(numbers, from, 6) } as const
  return result === "ok"
    ? { ...asked, result, token, leaseMs: numbers.oneOf([1, 4, 8, 100]) }
    : { ...asked, result, token: null }
}

const other = (numbers: Numbers, { owner, token }: Owner): Operation => {
  const op = numbers.oneOf(["release", "release", "renew", "get"] as const)
  const asked = { client: owner, name: "a", owner, token, op, ...interval(numbers, 2, 18) }
  if (op !== "get") {
    return { ...asked, result: numbers.oneOf(["ok", "ok", "not_holder", "unknown"] as const), leaseMs: 5 }
  }
  return numbers.isWithin(0.3) ? { ...asked, owner: "", token: null, result: "ok" } : { ...asked, result: "ok" }
}
