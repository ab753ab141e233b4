import { clockSkewMaxMs } from "../core/hard_limits.ts";
import { mark } from "../core/mark.ts";
import { heldPositions } from "../core/portfolio.ts";
import type { Readings } from "../core/readings.ts";
import { type Breach, defineAssertion } from "../define/assertion.ts";

/** The venue is asked something at least every 10 s; two of these rounds, and a slow answer. */
const answerMaxMs = 25_000;
const failingMaxMs = 10_000;
/** A held position is looked at every second; a slow exit may keep its visit for some seconds. */
const bookMaxMs = 15_000;
const frameMaxMs = 20_000;
const eventIdleMaxMs = 300_000;

export const noFutureWindows = defineAssertion({
  id: "A08",
  name: "no_future_windows",
  promises:
    "Market data is fresh and from the past: no candle that has not closed, no frozen book, a venue that answers",
  onBreach: { scope: "venue", class: "transient", looks: 2 },
  runbook: {
    means: "The venue does not answer, its data stands still, or a candle comes from the future.",
    does: "Nothing new is opened there. Stops at the venue work; exits that fire are on record and sent when it answers.",
    you: "Look at the venue's status page and at this machine's network. It closes by itself after a minute of answers.",
  },
  breaches: (books, readings) => [
    ...silence(readings),
    ...stream(readings),
    ...readings.data.flatMap((data): readonly Breach[] => {
      const scope = `symbol:${data.instrumentId}`;
      const isHeld = heldPositions(books).some((position) => position.instrumentId === data.instrumentId);
      if (data.newestCloseAt !== null && data.newestCloseAt > readings.at + clockSkewMaxMs)
        return [
          {
            scope,
            class: "sticky",
            evidence: { "candle closes in": `${Math.round((data.newestCloseAt - readings.at) / 1_000)} s` },
          },
        ];
      if (data.isWatched && isHeld && data.bookAgeMs !== null && data.bookAgeMs > bookMaxMs) {
        mark("V46.frozen_book");
        return [
          {
            scope,
            evidence: {
              "order book is": `${Math.round(data.bookAgeMs / 1_000)} s old`,
              limit: `${bookMaxMs / 1_000} s`,
            },
          },
        ];
      }
      return [];
    }),
  ],
});

function silence({ venue }: Readings): readonly Breach[] {
  if (venue.failingMs > failingMaxMs) {
    mark("V32.venue_outage");
    return [
      {
        evidence: {
          failing: `${Math.round(venue.failingMs / 1_000)} s`,
          limit: `${failingMaxMs / 1_000} s`,
          because: venue.failingBecause.slice(0, 120),
        },
      },
    ];
  }
  const ageMs = venue.answerAgeMs;
  if (ageMs === null || ageMs <= answerMaxMs) return [];
  return [{ evidence: { "last answer": `${Math.round(ageMs / 1_000)} s ago`, limit: `${answerMaxMs / 1_000} s` } }];
}

/** Pings prove a socket and nothing else: events that a read of the account shows and the stream never told mean that it is deaf. */
function stream({ venue: { stream: read } }: Readings): readonly Breach[] {
  if (read === null) return [];
  if (read.isContradicted || read.eventAgeMs > eventIdleMaxMs) {
    mark("V45.deaf_stream");
    return [
      {
        cause: "private_stream_deaf",
        evidence: {
          "last event": `${Math.round(read.eventAgeMs / 1_000)} s ago`,
          contradicted: String(read.isContradicted),
        },
      },
    ];
  }
  return read.frameAgeMs > frameMaxMs
    ? [
        {
          cause: "private_stream_deaf",
          evidence: { "last frame": `${Math.round(read.frameAgeMs / 1_000)} s ago`, limit: `${frameMaxMs / 1_000} s` },
        },
      ]
    : [];
}
