/** The venue's time through drift, steps, slow answers and no answers, told on made clocks. */
import { describe, expect, it } from "vitest";
import {
  agreeingSources,
  type ClockSample,
  estimateOf,
  measured,
  uncertaintyMaxMs,
  uncertaintyOf,
  unknownVenueClock,
  type VenueClock,
  venueTimeAt,
} from "../../src/core/venue_clock.ts";

const start = Date.UTC(2026, 10, 21);

/** One question at mono `at`: `out` ms there, `back` ms home, to a venue whose clock is `ahead` of true time. */
function asked(at: number, way: { out: number; back: number; ahead: number }): ClockSample {
  return { venueAt: start + at + way.out + way.ahead, sentMono: at, receivedMono: at + way.out + way.back };
}

const round = (at: number, ahead: number, trip = 20): readonly ClockSample[] =>
  [0, 1, 2, 3, 4].map((each) => asked(at + each * 2 * trip, { out: trip / 2, back: trip / 2, ahead }));

const taken = (ahead: number): VenueClock => measured(unknownVenueClock, round(0, ahead), 200);

describe("one round of questions", () => {
  it("believes the quickest answer most", () => {
    const quick = asked(0, { out: 5, back: 5, ahead: 0 });
    const slow = [1, 2, 3, 4].map((at) => asked(at * 500, { out: 10, back: 390, ahead: 0 }));
    const estimate = estimateOf([quick, ...slow]);
    expect(Math.abs((estimate?.anchor ?? 0) - start)).toBeLessThan(1);
    expect(estimate?.errorMs).toBe(5);
  });

  it("says nothing without an answer, and then nothing may be opened", () => {
    expect(estimateOf([])).toBeNull();
    expect(measured(unknownVenueClock, [], 5)).toEqual(unknownVenueClock);
    expect(uncertaintyOf(unknownVenueClock, 5)).toBeNull();
    expect(venueTimeAt(unknownVenueClock, 5)).toBeNull();
  });
});

describe("a clock that is followed", () => {
  it("stays with a venue that drifts by 200 ppm for a day [C03]", () => {
    let clock = taken(0);
    for (let at = 60_000; at <= 86_400_000; at += 60_000) {
      const ahead = at * 0.000_2;
      clock = measured(clock, round(at, ahead), at + 200);
      const wrong = Math.abs((venueTimeAt(clock, at + 200) ?? 0) - (start + at + 200 + ahead));
      expect(wrong).toBeLessThan(5);
      expect(uncertaintyOf(clock, at + 200) ?? 1e9).toBeLessThan(250);
    }
  });

  it("grows uncertain when nobody answers: a warning after 20 min, no entries after 42 [C03]", () => {
    const clock = taken(0);
    const later = (minutes: number) => uncertaintyOf(clock, 200 + minutes * 60_000) ?? 0;
    expect(later(10)).toBeLessThan(250);
    expect(later(21)).toBeGreaterThan(250);
    expect(later(40)).toBeLessThan(uncertaintyMaxMs);
    expect(later(42)).toBeGreaterThan(uncertaintyMaxMs);
  });

  it("takes a venue that is 3 s ahead as it is: the stamp is in the venue's time [C04]", () => {
    expect(venueTimeAt(taken(3_000), 200)).toBe(start + 3_200);
    expect(uncertaintyOf(taken(3_000), 200)).toBe(10);
  });

  it.each([
    ["250 ms at once", 250, [250]],
    ["251 ms after three rounds that agree", 251, [0, 0, 251]],
    ["3 s after three rounds that agree", 3_000, [0, 0, 3_000]],
  ])("takes a step of %s [C04]", (_what, step, expected) => {
    let clock = taken(0);
    const seen = expected.map((_each, index) => {
      const at = 60_000 * (index + 1);
      clock = measured(clock, round(at, step), at + 200);
      return (venueTimeAt(clock, at + 200) ?? 0) - (start + at + 200);
    });
    expect(seen).toEqual(expected);
  });

  it("opens nothing while a step of more than 500 ms is not believed, and forgets one that was a lie", () => {
    const once = measured(taken(0), round(60_000, 900), 60_200);
    expect(uncertaintyOf(once, 60_200)).toBeGreaterThan(uncertaintyMaxMs);
    const back = measured(once, round(62_000, 0), 62_200);
    expect(uncertaintyOf(back, 62_200)).toBeLessThan(20);
    const other = measured(measured(once, round(62_000, -900), 62_200), round(64_000, 900), 64_200);
    expect(venueTimeAt(other, 64_200)).toBe(start + 64_200);
  });
});

describe("who agrees on the time", () => {
  it.each([
    ["no venue answers", [], 1],
    ["one venue, and this machine is right", [120], 2],
    ["one venue, 3 s from this machine: nobody knows who is wrong", [3_000], 1],
    ["two venues that agree against this machine", [3_000, 3_100], 2],
    ["three that all differ", [3_000, -4_000], 1],
  ])("%s [C08]", (_what, offsets, count) => expect(agreeingSources(offsets)).toBe(count));
});
