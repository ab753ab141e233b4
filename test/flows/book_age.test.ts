/** How old a price is: since it came, or since the venue made it, whichever is longer. */
import { expect, test } from "vitest";
import { bookAge } from "../../src/flows/book_age.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";

const marks = watchMarks();
const wall = 1_700_000_000_000;

test.each([
  ["received a moment ago, made a moment ago", { receivedAt: wall - 40, madeAt: wall - 90 }, 0, 90],
  ["received anew all the time, made a minute ago [V46]", { receivedAt: wall - 40, madeAt: wall - 60_000 }, 0, 60_000],
  [
    "made a minute ago by a clock that is a minute behind",
    { receivedAt: wall - 40, madeAt: wall - 60_090 },
    -60_000,
    90,
  ],
  ["made just now by a clock that is a minute ahead", { receivedAt: wall - 40, madeAt: wall + 59_910 }, 60_000, 90],
  ["of a venue that tells no time", { receivedAt: wall - 40, madeAt: null }, 0, 40],
  ["made in the future, by a clock that nobody has measured", { receivedAt: wall - 40, madeAt: wall + 5_000 }, 0, 40],
])("%s", (_, book, offsetMs, expected) => {
  expect(bookAge(book, wall, offsetMs)).toBe(expected);
  expect(marks.reached().includes("V46.age_by_venue_clock")).toBe(expected === 60_000);
});
