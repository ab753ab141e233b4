/** A control: a published rule, what stands for it here, and evidence that can fail. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checks } from "../../src/checks/index.ts";
import type { DenialCode } from "../../src/core/denial.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import type { RiskView } from "../../src/core/risk_view.ts";
import { judge } from "../../src/define/check.ts";
import { type Records, root } from "../faults/records.ts";
import { makeEntry, makeExit } from "../fixtures/intent.ts";
import { makeRiskView } from "../fixtures/risk_view.ts";

/** null = it holds; otherwise what is wrong, in one sentence. */
export type Evidence = { readonly says: string; readonly judge: (records: Records) => string | null };

export type Control = {
  readonly id: string;
  readonly source: string;
  readonly rule: string;
  readonly ours: string;
  readonly evidence: readonly Evidence[];
};

type Case = { readonly intent?: Partial<OrderIntent>; readonly view?: Partial<RiskView> };

const codesOf = (intent: OrderIntent, view: RiskView): readonly string[] =>
  judge(intent, view, checks).map((denial) => denial.code);

/** Executed now, with the real checks: the sound entry passes, the changed one is refused for this reason, an exit never is. */
export function refuses(code: DenialCode, { intent, view }: Case): Evidence {
  return {
    says: `an entry is refused as ${code}`,
    judge() {
      if (codesOf(makeEntry(), makeRiskView()).length > 0) return "even a sound entry is refused";
      if (!codesOf(makeEntry(intent), makeRiskView(view)).includes(code)) return `nothing refuses it as ${code}`;
      return codesOf(makeExit(), makeRiskView({ ...view, sellableQuantity: makeExit().quantity })).includes(code)
        ? `an exit would be refused as ${code} too`
        : null;
    },
  };
}

/** Tests that name this id have passed in the last run, and none that names it failed. */
export function tested(...ids: readonly string[]): Evidence {
  return {
    says: `tests of ${ids.join(" ")}`,
    judge({ passed, failed }) {
      const red = ids.filter((id) => (failed.get(id)?.size ?? 0) > 0);
      if (red.length > 0) return `tests of ${red.join(" ")} failed in the last run`;
      const missing = ids.filter((id) => (passed.get(id)?.size ?? 0) === 0);
      return missing.length === 0 ? null : `no test of ${missing.join(" ")} has passed in the last run; run npm test`;
    },
  };
}

/** A file that holds this text: a rule of imports, an assertion, a setting. */
export function written(path: string, text: string | RegExp): Evidence {
  return {
    says: `\`${path}\``,
    judge() {
      const found = readOr(path);
      if (found === null) return `${path} is gone`;
      const holds = typeof text === "string" ? found.includes(text) : text.test(found);
      return holds ? null : `${path} no longer says ${String(text)}`;
    },
  };
}

/** What a person does, step by step, in a page with this heading. */
export function procedure(path: string, heading: string): Evidence {
  return {
    says: `procedure "${heading}" in \`${path}\``,
    judge() {
      const lines = (readOr(path) ?? "").split("\n");
      const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
      if (at < 0) return `${path} has no section "${heading}"`;
      const rest = lines.slice(at + 1);
      const end = rest.findIndex((line) => /^#+ /.test(line));
      const words = rest
        .slice(0, end < 0 ? undefined : end)
        .join(" ")
        .split(/\s+/).length;
      return words >= 25 ? null : `the section "${heading}" of ${path} is too short to act by`;
    },
  };
}

function readOr(path: string): string | null {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return null;
  }
}
