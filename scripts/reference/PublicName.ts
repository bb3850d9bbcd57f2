/**
 * What a program can import from the package, with what its comment says: read from the sources, entry point by entry
 * point. It judges nothing.
 */
import { readFileSync } from "node:fs"
import { join, posix } from "node:path"
import type { ParseResult } from "oxc-parser"
import { parse, type Source } from "../tidy/Source.ts"

export const entries: Readonly<Record<string, string>> = {
  "holdfast": "src/index.ts",
  "holdfast/promise": "src/promise.ts",
  "holdfast/testing": "src/testing.ts",
  "holdfast/fencing": "src/fencing.ts"
}

export interface Member {
  readonly name: string
  readonly comment: string
  /** Its type, as it is written. */
  readonly type: string
}

export interface PublicName {
  readonly entry: string
  readonly name: string
  /** Where it is declared. */
  readonly path: string
  /** Without the stars at the beginning of its lines; empty if there is none. */
  readonly comment: string
  /** Fields and methods of an interface, a service or an error, and what stands beside them in its class. */
  readonly members: ReadonlyArray<Member>
}

export const publicNamesOf = (root: string): ReadonlyArray<PublicName> => {
  const read = makeReader(root)
  return Object.entries(entries).flatMap(([entry, path]) =>
    read(path).module.staticExports.flatMap(({ entries }) =>
      entries.map(({ exportName, importName, moduleRequest }) => {
        const from = posix.join(posix.dirname(path), moduleRequest?.value ?? "")
        const name = exportName.name ?? "default"
        return { entry, name, ...declared(read(from), importName.name ?? name) }
      })
    )
  )
}

const makeReader = (root: string) => {
  const known = new Map<string, Source>()
  return (path: string): Source => {
    const source = known.get(path) ?? parse(path, readFileSync(join(root, path), "utf8"))
    known.set(path, source)
    return source
  }
}

type Node = ParseResult["program"]["body"][number]

/** Of a value and a type of one name, the one that has a comment. */
const declared = (source: Source, name: string): Pick<PublicName, "path" | "comment" | "members"> => {
  const nodes = source.program.body.filter((node) => namesOf(node).includes(name))
  const node = nodes.find(({ start }) => commentBefore(source, start) !== "") ?? nodes[0]
  if (node === undefined) throw new Error(`${source.path} declares no ${name}`)
  const isAlias = node.type === "ExportNamedDeclaration" && node.declaration?.type === "TSTypeAliasDeclaration"
  const members = isAlias ? [] : membersOf(source, node)
  return { path: source.path, comment: commentBefore(source, node.start), members }
}

const namesOf = (node: Node): ReadonlyArray<string> => {
  if (node.type !== "ExportNamedDeclaration" || node.declaration === null) return []
  const { declaration } = node
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.map(({ id }) => id.type === "Identifier" ? id.name : "")
  }
  return "id" in declaration && declaration.id?.type === "Identifier" ? [declaration.id.name] : []
}

const commentBefore = ({ comments, text }: Source, start: number): string => {
  const comment = comments.findLast(({ end }) => end <= start)
  const isOurs = comment?.type === "Block" && comment.value.startsWith("*") &&
    text.slice(comment.end, start).trim() === ""
  return isOurs ? comment.value.slice(1).replaceAll(/^ *\* ?/gm, "").trim() : ""
}

/** Signatures of an interface, or of the type literal and the object of fields that a class is made from. */
const membersOf = (source: Source, root: Node): ReadonlyArray<Member> => {
  const found: Array<Member> = []
  const visit = (node: unknown, isField: boolean): void => {
    if (Array.isArray(node)) return node.forEach((one) => visit(one, isField))
    if (typeof node !== "object" || node === null || !("type" in node)) return undefined
    const { end, start, type } = node as { readonly type: string; readonly start: number; readonly end: number }
    const key = "key" in node ? node.key as { readonly name?: string } : {}
    const isMember = isSignature.test(type) || (type === "Property" && isField) ||
      (type === "PropertyDefinition" && "static" in node && node.static === true)
    if (isMember && key.name !== undefined) {
      found.push({ name: key.name, comment: commentBefore(source, start), type: source.text.slice(start, end) })
      return undefined
    }
    for (const [part, value] of Object.entries(node)) visit(value, isField || part === "superClass")
    return undefined
  }
  visit(root, false)
  return found
}

const isSignature = /^TS(Property|Method)Signature$/
