/**
 * Plants a bug in this process: whatever imports its file from now on gets the text with the bug in it. The simulator
 * has to be imported afterwards, dynamically.
 */
import { registerHooks } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Mutant, mutatedFile, sources } from "./Mutant.ts"

export const plant = (mutant: Mutant): void => {
  const source = mutatedFile(mutant)
  const place = pathToFileURL(join(sources, mutant.file)).href
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context)
      return url === place ? { ...loaded, source } : loaded
    }
  })
}
