/**
 * Colour, where the stream shows it: a terminal, unless NO_COLOR or FORCE_COLOR say otherwise.
 */
import type { WriteStream } from "node:tty"
import { styleText } from "node:util"

export type Color = Parameters<typeof styleText>[0]

export type Style = (color: Color, text: string) => string

export const plain: Style = (_, text) => text

export const colored: Style = (color, text) => styleText(color, text, { validateStream: false })

export const styleFor = (stream: WriteStream): Style => styleText("bold", "x", { stream }) === "x" ? plain : colored
