/** What can be asked of a house without starting it. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { runTool } from "../../src/boot/tools.ts";

test("the records of a folder without any are not called sound: a mistyped name is said, and nothing is made", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-tools-"));
  const told: string[] = [];
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    told.push(String(text));
    return true;
  });
  try {
    const home = join(folder, "mistyped");
    expect(await runTool(["audit", "verify", "--home", home], {})).toBe(2);
    expect(told.join("")).toContain(`There are no records in ${home}`);
    expect(existsSync(home)).toBe(false);
  } finally {
    stderr.mockRestore();
    rmSync(folder, { recursive: true, force: true });
  }
});
