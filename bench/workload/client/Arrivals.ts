/**
 * When clients that know nothing of each other come: the gaps between them are exponential. Those of one half
 * millisecond are told together, at its end, so that very many of them are not very many messages.
 */
import type { Due } from "./Pacing.ts"

export interface Options {
  readonly from: number
  readonly until: number
  readonly perSecond: number
  /** 0 to 1, without 1. */
  readonly random: () => number
}

export const arrivals = function*({ from, perSecond, random, until }: Options): Generator<Due> {
  const gap = () => -Math.log(1 - random()) * 1000 / perSecond
  const endOf = (at: number) => from + Math.ceil((at - from) / tickMillis) * tickMillis
  let next = from + gap()
  while (next < until) {
    const dueAt = endOf(next)
    let count = 0
    for (; next <= dueAt; next += gap()) count++
    yield { dueAt, count }
  }
}

const tickMillis = 0.5
