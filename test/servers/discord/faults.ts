/** Faults that a test orders: each takes the next requests that fit, as often as asked, then is gone. */
export type Fault = {
  method?: string;
  /** Fits the path below /api/v10. */
  path: RegExp;
  /** How many requests it takes; 1 unless told. */
  times?: number;
  how: /** The request is never carried out, the connection is cut. */
    | { kind: "drop_before" }
    /** Carried out, then the connection is cut: the client can't know. */
    | { kind: "drop_after" }
    | { kind: "delay"; ms: number }
    /** Carried out or not, then an error of the platform. */
    | { kind: "status"; status: number; isStored: boolean }
    | { kind: "rate_limited"; retryAfterS: number; isGlobal?: boolean; scope?: "user" | "shared" | "global" }
    /** Carried out; the header arrives, the body never ends. */
    | { kind: "endless_body" }
    | { kind: "refused"; status: number; code: number; message: string };
};

export type Faults = {
  add(fault: Fault): void;
  take(method: string, path: string): Fault["how"] | null;
  clear(): void;
};

export function makeFaults(): Faults {
  let waiting: (Fault & { left: number })[] = [];
  return {
    add: (fault) => {
      waiting.push({ ...fault, left: fault.times ?? 1 });
    },
    take: (method, path) => {
      const fault = waiting.find((each) => (each.method ?? method) === method && each.path.test(path));
      if (fault === undefined) return null;
      fault.left -= 1;
      if (fault.left <= 0) waiting = waiting.filter((each) => each !== fault);
      return fault.how;
    },
    clear: () => {
      waiting = [];
    },
  };
}
