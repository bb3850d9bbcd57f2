/**
 * Two projects. `unit` is everything that needs no process of its own and runs as wide as the machine
 * is; `e2e` starts real clusters on real ports, so it comes after and runs two files at a time.
 */
import { defineConfig } from "vitest/config"

// `.ci/run` counts tests in this report; nobody else asks for it.
const report = process.env["HOLDFAST_TEST_REPORT"]

export default defineConfig({
  test: {
    reporters: report === undefined ? ["default"] : ["default", "json"],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          // No test needs a second; a machine that is busy with other things may take twenty.
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: "100%",
          // To load effect anew for each file costs more than most files' tests. No test leaves anything in a module.
          isolate: false,
          sequence: { groupOrder: 0 }
        }
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // Two whole clusters at a time keep two cores busy, one of each of two files; more only wait for each other.
          maxConcurrency: 1,
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 }
        }
      }
    ]
  }
})
