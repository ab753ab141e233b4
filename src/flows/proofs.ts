/** What beside a tap a yes takes, given the settings of this house. */
import type { Approval } from "../core/approval.ts";
import { type Proof, proofFor } from "../core/question.ts";
import type { Needs } from "./needs.ts";

/** A house that practises asks for no proofs; a wait of somebody who decides alone is nothing to be signed. */
export function proofOfYes({ settings }: Pick<Needs, "settings">, { tier }: Pick<Approval, "tier">): Proof {
  return settings.approvals.isStepUp === true ? proofFor(tier) : "none";
}
