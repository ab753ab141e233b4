/** Tests live in test/ only: dist/ holds compiled copies of the same files, which must not run twice. */
import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: vitest reads the default export of this file.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/faults/record_run.ts"],
    globalSetup: ["test/fixtures/database_server.ts"],
    pool: "forks",
    // Most stories wait more than they work.
    maxWorkers: 4,
    // A story of real processes is sometimes red because the machine was busy: it is told once more; .ci/run names it.
    retry: 1,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Titles of tables are cut there too, and the ids of faults stand at their ends.
    chaiConfig: { truncateThreshold: 200 },
  },
});
