/** One try of a code: the step it belongs to, or why it does not count; and when wrong ones end all tries for a while. */
import type { Fact, FactOf } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { type Authenticator, codeTriesMax, isLocked, lockUntil, wrongLately } from "../core/question.ts";
import type { Instant } from "../core/time.ts";
import type { Needs } from "./needs.ts";

export type Wrong = NonNullable<FactOf<"question_tried">["because"]>;

/** A step counts once: a code that was seen over a shoulder is worth nothing. */
export function codeGiven(
  needs: Needs,
  app: Authenticator,
  code: string,
  wallAt: Instant,
): { readonly step: number } | { readonly because: Exclude<Wrong, "phrase_differs"> } {
  if (isLocked(app, wallAt)) return { because: "code_locked" };
  const step = app.sealed === null ? null : (needs.authenticator?.stepOf(app.sealed, code, wallAt) ?? null);
  if (step === null) return { because: "code_wrong" };
  if (step > app.lastStep) return { step };
  mark("M01.code_used_twice");
  return { because: "code_used_before" };
}

/** The fact that locks, when this wrong code was one too many. */
export function lockFact(
  app: Authenticator,
  because: Wrong,
  { personId, wallAt }: { readonly personId: string; readonly wallAt: Instant },
): Fact | null {
  if (because !== "code_wrong" && because !== "code_used_before") return null;
  const wrong = wrongLately(app, wallAt).length + 1;
  return wrong < codeTriesMax ? null : { type: "authenticator_locked", personId, wrong, until: lockUntil(wallAt) };
}
