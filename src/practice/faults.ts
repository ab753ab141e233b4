/**
 * Things that go wrong on purpose. A fault waits for a request that fits, acts once or `times` times, and is gone.
 *
 *   request --> [before: nothing is done]  venue acts  [after: it is done, the answer is not what it should be]
 */

export type FaultVerb =
  /** Socket closed, nothing done. */
  | { do: "drop_before" }
  /** Done, socket closed without an answer. */
  | { do: "drop_after" }
  /** Request swallowed, nothing done, never an answer. */
  | { do: "hang_before" }
  /** Done, never an answer. */
  | { do: "hang_after" }
  /** Done, headers and half the body come, the rest never. */
  | { do: "stall_body" }
  /** Done, the body ends in the middle of the JSON. */
  | { do: "cut_body" }
  | { do: "status_before"; status: number }
  /** Done, yet a 5xx says otherwise. */
  | { do: "status_after"; status: number }
  /** Done, HTTP 200 without a body. */
  | { do: "empty_after" }
  /** A proxy's page instead of the venue: nothing done. */
  | { do: "html_502" }
  /** Nothing done; a 302 to another host. */
  | { do: "redirect"; to: string }
  | { do: "rate_limited"; resetMs: number }
  /** The venue's own envelope with a code of your choice; nothing done. */
  | { do: "refuse"; code: string; msg: string; status?: number }
  /** Answer comes this much later; done at once (`after`) or only then (`before`). */
  | { do: "delay_before" | "delay_after"; ms: number };

export interface FaultRule {
  verb: FaultVerb;
  method?: string;
  /** Beginning of the path, or a pattern for path and query. */
  path?: string | RegExp;
  /** Acts this many times; default 1. Infinity stays until removed. */
  times?: number;
  /** Lets this many fitting requests pass first. */
  skip?: number;
}

export interface FaultPlan {
  /** Returns how to take it away again. */
  add(rule: FaultRule): () => void;
  clear(): void;
  /** Takes the fault for a request out of the plan; null if there is none. */
  take(method: string, target: string): FaultVerb | null;
}

const fits = (rule: FaultRule, method: string, target: string): boolean => {
  if (rule.method !== undefined && rule.method !== method) return false;
  if (rule.path === undefined) return true;
  return typeof rule.path === "string" ? target.startsWith(rule.path) : rule.path.test(target);
};

export const createFaultPlan = (): FaultPlan => {
  let rules: { rule: FaultRule; left: number; skip: number }[] = [];
  return {
    add(rule) {
      const entry = { rule, left: rule.times ?? 1, skip: rule.skip ?? 0 };
      rules.push(entry);
      return () => {
        rules = rules.filter((one) => one !== entry);
      };
    },
    clear() {
      rules = [];
    },
    take(method, target) {
      for (const entry of rules) {
        if (!fits(entry.rule, method, target)) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        if (entry.left <= 0) rules = rules.filter((one) => one !== entry);
        return entry.rule.verb;
      }
      return null;
    },
  };
};
