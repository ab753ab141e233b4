/** The executable price must be of now. A price of the past is a guess, and the market moves while one guesses. */
import { addsRisk } from "../core/risk.ts";
import { defineCheck } from "../define/check.ts";

export const quoteAge = defineCheck({
  name: "quote_age",
  asks: "Is the quote young enough?",
  denies: "data_stale",
  evaluate(intent, { quote, limits }) {
    if (!addsRisk(intent) || quote === null) return null;
    // A negative age means that a clock jumped; such a quote is as good as none.
    if (quote.ageMs >= 0 && quote.ageMs <= limits.quoteAgeMaxMs) return null;
    return { age: `${quote.ageMs} ms`, limit: `${limits.quoteAgeMaxMs} ms` };
  },
});
