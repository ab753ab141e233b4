/** Labels that alerts about one position, order or instrument have in common, so that one rule or one silence fits all of them. */
import type { Labels } from "./alerting.ts";

type Traded = { readonly instrumentId: string; readonly strategy: string };

export const instrumentLabelNames = ["instrument", "venue"] as const;
/** What `tradedLabels` gives. */
export const tradedLabelNames = [...instrumentLabelNames, "strategy"] as const;

/** Of a position or an intent as the books know it; nothing where they don't. */
export function tradedLabels(traded: Traded | undefined): Labels {
  return traded === undefined ? {} : { ...instrumentLabels(traded.instrumentId), strategy: traded.strategy };
}

export function instrumentLabels(instrumentId: string): Labels {
  return { instrument: instrumentId, venue: instrumentId.split(":")[0] ?? "" };
}
