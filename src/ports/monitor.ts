/** Somebody outside of this machine who calls a person when this house stops reporting, or reports that something is wrong. */
import type { Result } from "../core/result.ts";

export interface Monitor {
  /** One report; the problem says why it did not arrive. `body` holds no amounts, names or secrets. */
  report(told: { readonly isWell: boolean; readonly body: string }): Promise<Result<null, string>>;
}
