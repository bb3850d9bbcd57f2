/**
 * One short line for each event, for people: when, how grave, what, and the facts beside it. Text of
 * others (a lock's name, what a peer said) cannot move the cursor or forge a line.
 */
import { Cause, Formatter, Logger, References } from "effect"
import { harmless } from "./Harmless.ts"
import type { Style } from "./Style.ts"

export const prettyLogger = (style: Style): Logger.Logger<unknown, string> =>
  Logger.make(({ cause, date, fiber, logLevel, message }) => {
    const words = (Array.isArray(message) ? message : [message]).map(textOf)
    const facts = Object.entries(fiber.getRef(References.CurrentLogAnnotations))
      // A terminal shows one node, or `dev` has put its name in front.
      .filter(([name]) => name !== "node")
      .map(([name, value]) => style("dim", `${harmless(name)}=${textOf(value)}`))
    const level = style(colors[logLevel] ?? "red", logLevel.toUpperCase().padEnd(5))
    const line = [style("dim", timeOf(date)), level, ...words, ...facts].join(" ")
    return cause.reasons.length === 0 ? line : `${line}\n${indented(Cause.pretty(cause))}`
  })

const colors: { readonly [Level in string]?: "blue" | "gray" | "green" | "yellow" } = {
  Trace: "gray",
  Debug: "blue",
  Info: "green",
  Warn: "yellow"
}

const pad = (value: number, width: number) => String(value).padStart(width, "0")

const timeOf = (date: Date): string =>
  `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}.${
    pad(date.getMilliseconds(), 3)
  }`

const textOf = (value: unknown): string => harmless(typeof value === "string" ? value : Formatter.formatJson(value))

const indented = (text: string): string => text.split("\n").map((line) => `    ${harmless(line)}`).join("\n")
