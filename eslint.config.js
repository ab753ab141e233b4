/** Rules that need types. Everything else is Biome's work; this one is slow and says only what Biome can't. */
import tseslint from "typescript-eslint";

// biome-ignore lint/style/noDefaultExport: eslint reads the default export of this file.
export default tseslint.config(
  { ignores: ["dist/**", "node_modules/**", "dashboard/**", "**/*.cjs", "**/*.js", "**/*.mjs"] },
  {
    files: ["src/**/*.ts", "commands/**/*.ts", "jobs/**/*.ts", "test/**/*.ts", "bench/**/*.ts"],
    plugins: { ts: tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "ts/no-floating-promises": "error",
      "ts/no-misused-promises": "error",
      "ts/await-thenable": "error",
      "ts/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "ts/only-throw-error": "error",
      "ts/restrict-template-expressions": ["error", { allowNumber: true }],
      "ts/no-unsafe-argument": "error",
      "ts/no-unsafe-assignment": "error",
      "ts/no-unsafe-return": "error",
      "ts/no-unsafe-call": "error",
      "ts/no-unsafe-member-access": "error",
      "ts/no-unnecessary-condition": "error",
    },
  },
  {
    // Tests look at foreign JSON as it came; what they expect of it is their check.
    files: ["test/**/*.ts"],
    rules: {
      "ts/no-unsafe-argument": "off",
      "ts/no-unsafe-assignment": "off",
      "ts/no-unsafe-return": "off",
      "ts/no-unsafe-call": "off",
      "ts/no-unsafe-member-access": "off",
      "ts/no-unnecessary-condition": "off",
    },
  },
);
