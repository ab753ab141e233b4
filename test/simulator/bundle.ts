/** The simulator as one plain file: esbuild leaves packages where they are, so the file lies inside node_modules. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

export type Bundle = { readonly path: string; remove(): void };

export async function bundleWorker(root = process.cwd()): Promise<Bundle> {
  const folder = join(root, "node_modules", ".cache", `countersign-sim-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "worker.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: [join("test", "simulator", "worker.ts")],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: "inline",
    logLevel: "error",
  });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
