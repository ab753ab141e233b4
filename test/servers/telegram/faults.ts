/**
 * Trouble on order. A fault is laid for the next calls of one method (or of any, "*") and used up call by call.
 *
 *   drop_before    connection cut, nothing done          drop_after     done, then the connection is cut
 *   delay          answered late                         flood          429 with retry_after, nothing done
 *   server_error   5xx before or after it was done       garbage        done, but the answer is no JSON (or what you say)
 *   refuse         any refusal in the platform's words   conflict       409 as if another program polled
 */
export type Fault =
  | { readonly kind: "drop_before" }
  | { readonly kind: "drop_after" }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "flood"; readonly retryAfter: number }
  | {
      readonly kind: "server_error";
      readonly when: "before" | "after";
      readonly code?: number;
      readonly asHtml?: boolean;
    }
  | { readonly kind: "garbage"; readonly body?: string }
  | { readonly kind: "refuse"; readonly code: number; readonly description: string }
  | { readonly kind: "conflict" };

export type Faults = {
  /** `times` Infinity lasts until mend(). */
  lay(method: string, fault: Fault, times?: number): void;
  next(method: string): Fault | null;
  mend(): void;
};

export function faultBoard(): Faults {
  let laid: { method: string; fault: Fault; left: number }[] = [];
  return {
    lay(method, fault, times = 1) {
      laid.push({ method: method.toLowerCase(), fault, left: times });
    },
    next(method) {
      const found = laid.find((one) => one.method === "*" || one.method === method.toLowerCase());
      if (found === undefined) return null;
      found.left -= 1;
      laid = laid.filter((one) => one.left > 0);
      return found.fault;
    },
    mend() {
      laid = [];
    },
  };
}
