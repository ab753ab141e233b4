/** Which commit this program was made from, read from the folder of the sources; "" where there is none. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function gitShaOf(root: string): string {
  try {
    const head = readFileSync(join(root, ".git", "HEAD"), "utf8").trim();
    const ref = /^ref: (\S+)$/.exec(head)?.[1];
    if (ref === undefined) return shaOr(head);
    const loose = join(root, ".git", ref);
    if (existsSync(loose)) return shaOr(readFileSync(loose, "utf8").trim());
    const packed = readFileSync(join(root, ".git", "packed-refs"), "utf8");
    return shaOr(
      packed
        .split("\n")
        .find((line) => line.endsWith(` ${ref}`))
        ?.slice(0, 40) ?? "",
    );
  } catch {
    // Not a clone: a copy without history is as good a program.
    return "";
  }
}

const shaOr = (text: string): string => (/^[0-9a-f]{40}$/.test(text) ? text : "");
