/** Places that no house reaches in any scene, and why. Every other place must be reached, or the matrix has a hole. */
import type { CrashStep } from "../../../src/flows/crash_hooks.ts";

export const neverReached: Partial<Record<CrashStep, string>> = {
  "commit stop_moved":
    "no strategy of the house trails its stop (sizing gives every exit plan trail null); the move itself is shown by test/core/exit_observe.test.ts",
};

export const whyNever = (hook: string): string | null =>
  neverReached[hook.replace(/^(before|after) /, "") as CrashStep] ?? null;
