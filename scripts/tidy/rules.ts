/**
 * All rules of tidiness, and the files they are about. `test/tidy.test.ts` runs them, and shows each
 * one a bad snippet that it must find.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { deadFile, pureCore } from "./imports.ts"
import { moduleComment, unfinished } from "./prose.ts"
import type { Rule } from "./Rule.ts"
import { fileLength, functionLength, lineLength } from "./size.ts"
import { parse, type Source } from "./Source.ts"
import { assertsSomething } from "./tests.ts"
import { world } from "./world.ts"

export const rules: ReadonlyArray<Rule> = [
  lineLength,
  functionLength,
  fileLength,
  world,
  pureCore,
  deadFile,
  moduleComment,
  unfinished,
  assertsSomething
]

/** Every file of the project that is ours and is code. */
export const readProject = (root: string): ReadonlyArray<Source> =>
  globSync(["{src,test,scripts,bench,examples}/**/*.ts", "bin/*.js", "*.ts"], { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted()
    .map((path) => parse(path, readFileSync(join(root, path), "utf8")))

/** What a rule finds in a project, as lines for a reader. */
export const findings = (rule: Rule, project: ReadonlyArray<Source>): ReadonlyArray<string> =>
  project
    .filter(({ path }) => rule.appliesTo(path))
    .flatMap((source) =>
      rule.find(source, project).map(({ line, message }) => `${source.path}:${line} ${rule.name}: ${message}`)
    )
