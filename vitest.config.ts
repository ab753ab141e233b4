import { defineConfig } from "vitest/config";

/** Tests bring their own servers up; a slow machine must not make a promise look broken, hence the long limits. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    sequence: { shuffle: true },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
