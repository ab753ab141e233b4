/** The simulator as one plain file: esbuild leaves packages where they are, so the file lies inside node_modules. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

export type Bundle = { readonly path: string; remove(): void };

/** @param how.plugins e.g. one that plants a bug; @param how.name tells bundles of one process apart. */
export async function bundleWorker(
  root = process.cwd(),
  how: { readonly name?: string; readonly plugins?: readonly Plugin[] } = {},
): Promise<Bundle> {
  const folder = join(root, "node_modules", ".cache", `countersign-sim-${process.pid}${how.name ?? ""}`);
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
    plugins: [...(how.plugins ?? [])],
  });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
