import { heldPositions } from "../core/portfolio.ts";
import { defineAssertion } from "../define/assertion.ts";

/** The comparison comes every 10 s; three in a row that fail are too many to go on opening positions. */
const comparedWithinMs = 30_000;

export const booksEqualVenue = defineAssertion({
  id: "A05",
  name: "books_equal_venue",
  promises: "Our orders, positions and money equal the venue's, compared within the last 30 s",
  onBreach: { scope: "account", class: "transient", looks: 3 },
  runbook: {
    means: "Books and venue differ and nothing of ours explains it, or they could not be compared for 30 s.",
    does: "Nothing new is opened where they differ. Nothing of others is touched, nothing is guessed.",
    you: "If somebody traded or moved money by hand, tell the house (/resolve); else look at the venue's own page. It closes by itself when they are equal again.",
  },
  breaches({ house, ...books }, { venue }) {
    if (!house.isReady) return [];
    const late =
      venue.comparedAgeMs === null || venue.comparedAgeMs > comparedWithinMs
        ? [{ scope: `venue:${venue.name}`, cause: "venue_not_compared", evidence: lateEvidence(venue.comparedAgeMs) }]
        : [];
    const short = Object.entries(house.shortOf ?? {}).map(([asset, theirs]) => ({
      evidence: {
        asset,
        "the venue holds": theirs,
        "our positions": String(
          heldPositions({ house, ...books }).filter((position) => position.instrumentId.includes(`:${asset}/`)).length,
        ),
      },
    }));
    return [...late, ...short];
  },
});

const lateEvidence = (ageMs: number | null) => ({
  compared: ageMs === null ? "never" : `${Math.round(ageMs / 1_000)} s ago`,
  limit: `${comparedWithinMs / 1_000} s`,
});
