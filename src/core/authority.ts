/** Who may do what. A role includes every role before it. */
import type { PromptVerb } from "./approval.ts";

export const roles = ["viewer", "operator", "approver", "owner"] as const;
export type Role = (typeof roles)[number];

export function includesRole(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed);
}

/** T0 safe; T1 small or any paper order; T2 large or resuming; T3 irreversible; TE emergency. */
export type Tier = "T0" | "T1" | "T2" | "T3" | "TE";

const roleForTier: Readonly<Record<Tier, Role>> = {
  T0: "operator",
  TE: "operator",
  T1: "approver",
  T2: "approver",
  T3: "owner",
};

export function mayDecide(held: Role, tier: Tier): boolean {
  return includesRole(held, roleForTier[tier]);
}

/** A no and a rest from reminders add no risk: whoever may pause may say them of anything. */
export function mayTap(held: Role, verb: PromptVerb, tier: Tier): boolean {
  return mayDecide(held, verb === "decline" || verb === "later" ? "T0" : tier);
}
