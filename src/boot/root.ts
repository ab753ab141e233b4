/** Where this program lies, whether it runs from its sources or from the build. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith("dist") ? join(here, "..") : join(here, "..", "..");
}
