/** Giving an order up takes two owners, or one and ten minutes in which anybody can take it back. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { exposuresOf, slotHolder } from "../../src/core/portfolio.ts";
import { giveUp, giveUpDue, keepLooking } from "../../src/flows/give_up_order.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Needs } from "../../src/flows/needs.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { countedIds } from "../fixtures/doubles.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { fillOf, personSet } from "../fixtures/facts.ts";
import { sol, unknownEntry } from "../fixtures/reconcile_world.ts";
import { type Story, storyStart } from "../fixtures/story.ts";

let story: Story;
let needs: Needs;

/** The ledger's rule without a database: decided on the newest books, recorded at once. */
function ledgerOf(): Pick<Ledger, "books" | "commit"> {
  return {
    books: () => story.books(),
    async commit(decide) {
      const decision = decide(story.books(), story.now());
      story.tell(...decision.drafts.map((one) => one.fact));
      return decision.value;
    },
  };
}

const linked = (personId: string): Fact => ({ ...everyFact.chat_linked, personId, userId: personId });
const named = (personId: string, reason = "the venue has no history of it") => ({
  word: "long-name-1",
  personId,
  reason,
});
const orderOf = () => story.books().orders["long-name-1"];
const stateOf = () => orderOf()?.state;

beforeEach(() => {
  story = unknownEntry("long-name-1");
  needs = {
    ledger: ledgerOf(),
    alerts: [],
    ids: countedIds(),
    memory: makeMemory(),
    clock: clockOf(),
  } as unknown as Needs;
});

/** House time stands for real time here: the wall clock can be set beside it. */
const clockOf = () => ({ mono: () => story.now().at - storyStart, wall: () => story.now().wallAt });

describe("two owners", () => {
  beforeEach(() => {
    story.tell(personSet("ana", "owner"), personSet("bo", "owner"), linked("ana"), linked("bo"));
  });

  test("the second one settles it at once [V11]", async () => {
    await giveUp(needs, named("ana"));
    expect(stateOf()).toBe("unknown");
    await giveUp(needs, named("bo", "I see the same there"));
    expect(stateOf()).toBe("lost");
  });

  test("its instrument is free for another trade at once, and what it may have bought still counts for a day [V11]", async () => {
    expect(slotHolder(story.books(), sol)?.kind).toBe("unknown");
    await giveUp(needs, named("ana"));
    await giveUp(needs, named("bo", "I see the same there"));
    expect(slotHolder(story.books(), sol)).toBeNull();
    expect(story.books().positions["trade-1"]?.state).toBe("closed");
    expect(exposuresOf(story.books(), {}).map((one) => one.instrumentId)).toEqual([sol]);
  });

  test("one that has bought something keeps its position [V11]", async () => {
    story.tell(fillOf("long-name-1", { price: "87.5", quantity: "1", id: "f1" }));
    story.tell({ type: "order_answer_lost", clientOrderId: "long-name-1", because: "it is nowhere any more" });
    await giveUp(needs, named("ana"));
    await giveUp(needs, named("bo", "I see the same there"));
    expect([stateOf(), story.books().positions["trade-1"]?.state]).toEqual(["lost", "monitoring"]);
    expect(slotHolder(story.books(), sol)?.kind).toBe("position");
  });

  test("the same person twice is one person [V11]", async () => {
    await giveUp(needs, named("ana"));
    await giveUp(needs, named("ana", "and I say it again"));
    expect(stateOf()).toBe("unknown");
  });

  test("who is no owner any more is no first one either", async () => {
    await giveUp(needs, named("ana"));
    story.tell(personSet("ana", "viewer"), personSet("cleo", "owner"));
    await giveUp(needs, named("bo", "I see the same there"));
    expect([stateOf(), orderOf()?.lostRequest?.by]).toEqual(["unknown", "bo"]);
    story.tell(personSet("bo", "viewer"));
    await giveUpDue(needs);
    expect(orderOf()?.lostRequest).toBeUndefined();
  });

  test("without the second one it ends after ten minutes without effect", async () => {
    await giveUp(needs, named("ana"));
    story.wait(600_000);
    await giveUpDue(needs);
    expect(stateOf()).toBe("unknown");
    expect(orderOf()?.lostRequest).toBeUndefined();
  });
});

/** Ten minutes from here it is given up, and no millisecond sooner. */
async function endsToTheMillisecond(): Promise<void> {
  story.wait(599_999);
  await giveUpDue(needs);
  expect(stateOf()).toBe("unknown");
  story.wait(1);
  await giveUpDue(needs);
  expect(stateOf()).toBe("lost");
}

describe("one owner alone", () => {
  beforeEach(() => {
    story.tell(personSet("ana", "owner"), personSet("cy", "approver"));
  });

  test("waits ten minutes, to the millisecond [V11]", async () => {
    await giveUp(needs, named("ana"));
    await endsToTheMillisecond();
  });

  test("beside an owner whom no chat reaches, waits all the same, and does not end without effect [V11]", async () => {
    story.tell(personSet("bo", "owner"));
    await giveUp(needs, named("ana"));
    story.wait(600_000);
    await giveUpDue(needs);
    expect(stateOf()).toBe("lost");
  });

  test("a clock that is set forward shortens nobody's time to take it back [V11]", async () => {
    await giveUp(needs, named("ana"));
    await giveUpDue(needs);
    story.wait(0, 600_000);
    await giveUpDue(needs);
    expect(stateOf()).toBe("unknown");
    await endsToTheMillisecond();
  });

  test("goes on while a linked chat is deaf: nobody there could take it back [V11]", async () => {
    story.tell(everyFact.chat_linked);
    const ears = { isHearing: false };
    const { platform } = everyFact.chat_linked;
    const messengers = new Map([[platform, { platform, health: () => ears }]]);
    needs = { ...needs, messengers } as unknown as Needs;
    await giveUp(needs, named("ana"));
    story.wait(600_000);
    await giveUpDue(needs);
    expect([stateOf(), orderOf()?.lostRequest?.by]).toEqual(["unknown", "ana"]);
    ears.isHearing = true;
    await giveUpDue(needs);
    expect(stateOf()).toBe("lost");
  });

  test("anybody can take it back meanwhile", async () => {
    await giveUp(needs, named("ana"));
    await keepLooking(needs, { word: "long-name-1", personId: "cy" });
    story.wait(600_000);
    await giveUpDue(needs);
    expect(stateOf()).toBe("unknown");
  });

  test("what is found meanwhile is not given up", async () => {
    await giveUp(needs, named("ana"));
    story.tell({
      type: "order_found",
      clientOrderId: "long-name-1",
      venueOrderId: "v",
      venueState: "open",
      childOrderIds: [],
    });
    story.wait(600_000);
    await giveUpDue(needs);
    expect(stateOf()).toBe("open");
    expect(orderOf()?.lostRequest).toBeUndefined();
  });

  test("a reason of a word is none", async () => {
    await giveUp(needs, named("ana", "gone"));
    expect(orderOf()?.lostRequest).toBeUndefined();
  });

  test("a name that fits nothing gives nothing up", async () => {
    const card = await giveUp(needs, { ...named("ana"), word: "e" });
    expect(card.title + card.lines.join()).toMatch(/No order of unknown fate/);
  });
});
