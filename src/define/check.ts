/** A pre-trade check: one question about one intent, answered from a snapshot and nothing else. */
import type { Denial, DenialCode } from "../core/denial.ts";
import type { OrderIntent } from "../core/intent.ts";
import type { RiskView } from "../core/risk_view.ts";

export type CheckDefinition<Code extends DenialCode> = {
  /** The file name, the key in the verdict and the row in the docs. */
  readonly name: string;
  readonly asks: string;
  readonly denies: Code;
  /** null = the intent passes; otherwise the numbers that prove the denial, each with its unit, as text. */
  evaluate(intent: OrderIntent, view: RiskView): Readonly<Record<string, string>> | null;
};

export type AnyCheck = CheckDefinition<DenialCode>;

export function defineCheck<Code extends DenialCode>(check: CheckDefinition<Code>): CheckDefinition<Code> {
  return check;
}

/** Runs every check, in order, and keeps every denial: a person wants the full list, not the first. */
export function judge(intent: OrderIntent, view: RiskView, checks: readonly AnyCheck[]): readonly Denial[] {
  return checks.flatMap((check) => {
    const facts = check.evaluate(intent, view);
    return facts === null ? [] : [{ code: check.denies, check: check.name, facts }];
  });
}
