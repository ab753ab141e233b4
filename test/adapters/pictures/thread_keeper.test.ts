/** The thread that draws hangs, dies, is flooded or idles: pictures are lost, nothing else is. */
import { afterEach, describe, expect, it } from "vitest";
import { keepThread, type ThreadKeeper, type ThreadSetup } from "../../../src/adapters/pictures/thread_keeper.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { type KeptLog, keptLog } from "../../fixtures/kept_log.ts";

const clock = systemClock();
const threadOf = (code: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort, threadId } from "node:worker_threads";${code}`)}`,
  );

/** Answers with the id of the thread; an option that names a mishap has it. */
const mishaps = threadOf(`
  parentPort.on("message", ({ id, option }) => {
    if (option === "hang") for (;;);
    if (option === "leave") process.exit(3);
    if (option === "throw") throw new Error("thrown in the thread");
    if (option === "refuse") return parentPort.postMessage({ id, problem: "no such chart" });
    if (option === "stranger") parentPort.postMessage({ id: id + 100, svg: "of another" });
    if (option === "nothing") return parentPort.postMessage({ id });
    parentPort.postMessage({ id, svg: String(threadId), png: new Uint8Array([threadId]) });
  });`);

const open: ThreadKeeper[] = [];
afterEach(async () => {
  for (const keeper of open.splice(0)) await keeper.close();
});

function keep(setup: Partial<ThreadSetup> = {}): ThreadKeeper & { readonly log: KeptLog } {
  const log = keptLog();
  const keeper = keepThread({ clock, log, file: mishaps, deadlineMs: 5_000, ...setup });
  open.push(keeper);
  return { ...keeper, log };
}

const told = (log: KeptLog): readonly string[] => log.lines.map(({ facts }) => String(facts["because"]));

describe("a thread", () => {
  it("is one for many pictures, begun with the first", async () => {
    const { drawText } = keep();
    const answers = await Promise.all(["a", "b", "c"].map((option) => drawText(option)));
    const ids = answers.map((answer) => (answer.ok ? answer.value : answer.problem.because));
    expect(new Set(ids).size).toBe(1);
  });

  it.each([
    ["leave", "The thread that draws has ended: it left with code 3"],
    ["throw", "The thread that draws has ended: thrown in the thread"],
  ])("that dies (%s) loses one picture; the next is drawn by another", async (mishap, because) => {
    const { drawText, log } = keep();
    const [before, lost, after] = await Promise.all([drawText("fine"), drawText(mishap), drawText("fine")]);
    expect(lost).toEqual({ ok: false, problem: { kind: "failed", because } });
    expect(log.lines).toHaveLength(1);
    if (!before.ok || !after.ok) throw new Error("a neighbour was lost");
    expect(after.value).not.toBe(before.value);
  });

  it("that hangs is ended at the deadline, and the next draws on", async () => {
    const { drawText, log } = keep({ deadlineMs: 1_000 });
    await drawText("fine");
    expect(await drawText("hang")).toEqual({
      ok: false,
      problem: { kind: "failed", because: "It was not done after 1000 ms" },
    });
    expect((await drawText("fine")).ok).toBe(true);
    expect(told(log)).toEqual(["it worked on one picture for 1000 ms"]);
  });

  it("that refuses a picture lives on", async () => {
    const { drawText, log } = keep();
    const [before, refused, after] = await Promise.all([drawText("fine"), drawText("refuse"), drawText("fine")]);
    expect(refused).toEqual({
      ok: false,
      problem: { kind: "failed", because: "It could not be drawn: no such chart" },
    });
    expect(after).toEqual(before);
    expect(log.lines).toEqual([]);
  });

  it("is not believed when it answers something else", async () => {
    const { draw, drawText } = keep();
    const answer = await drawText("stranger");
    expect(answer.ok ? answer.value : "").not.toBe("of another");
    expect(await draw("nothing")).toEqual({
      ok: false,
      problem: { kind: "failed", because: "It was drawn as something else" },
    });
  });

  it("that can't be begun is a problem, three times, and then pictures rest", async () => {
    const { drawText, log } = keep({ file: new URL("data:text/javascript,throw new Error('no library')") });
    const answers = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const answer = await drawText("fine");
      answers.push(answer.ok ? "drawn" : answer.problem.because);
    }
    expect(answers.slice(0, 3)).toEqual(new Array(3).fill("The thread that draws has ended: no library"));
    expect(answers.slice(3)).toEqual(
      new Array(2).fill("The thread that draws has ended 3 times within a minute; it rests"),
    );
    expect(log.lines).toHaveLength(3);
  });

  it("is begun again when its minute of rest is over", async () => {
    let minutes = 0;
    const late = { ...clock, mono: () => minutes * 60_001 };
    const { drawText } = keep({ clock: late });
    for (let attempt = 0; attempt < 3; attempt += 1) await drawText("leave");
    expect((await drawText("fine")).ok).toBe(false);
    minutes += 1;
    expect((await drawText("fine")).ok).toBe(true);
  });

  it("is not asked for what can't be sent to it", async () => {
    const { drawText } = keep();
    const answer = await drawText({ formatter: () => "x" });
    expect(answer.ok ? "" : answer.problem.because).toContain("could not be cloned");
  });
});

describe("many pictures", () => {
  it("wait, eight at most; more are refused at once", async () => {
    const { drawText } = keep();
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => drawText(index)));
    const kinds = answers.map((answer) => (answer.ok ? "drawn" : answer.problem.kind));
    expect(kinds).toEqual([...new Array(9).fill("drawn"), ...new Array(3).fill("busy")]);
  });

  it("behind one that hangs are not drawn too late: they give up, or are drawn by the next thread", async () => {
    const { drawText } = keep({ deadlineMs: 1_000 });
    await drawText("fine");
    const began = clock.mono();
    const hangs = drawText("hang");
    await clock.sleep(250);
    const behind = drawText("fine");
    expect((await hangs).ok).toBe(false);
    expect((await behind).ok).toBe(true);
    expect(clock.mono() - began).toBeLessThan(5_000);
  });

  it("that waited past their deadline give up, and the thread that is only busy lives on", async () => {
    const slow = threadOf(
      `parentPort.on("message", ({ id }) => setTimeout(() => parentPort.postMessage({ id, svg: String(threadId) }), 700));`,
    );
    const { drawText, log } = keep({ file: slow, deadlineMs: 2_000 });
    const first = await drawText(0);
    const answers = await Promise.all([1, 2, 3, 4].map((option) => drawText(option)));
    expect(answers.at(-1)).toEqual({
      ok: false,
      problem: { kind: "failed", because: "It was not done after 2000 ms" },
    });
    expect(await drawText(6)).toEqual(first);
    expect(log.lines).toEqual([]);
  });
});

describe("the end", () => {
  it("comes by itself when nobody asks for a while; the next picture begins another thread", async () => {
    const { drawText, log } = keep({ idleMs: 60 });
    const [first, second] = [await drawText("fine"), await drawText("fine")];
    expect(second).toEqual(first);
    await clock.sleep(400);
    const third = await drawText("fine");
    if (!first.ok || !third.ok) throw new Error("not drawn");
    expect(third.value).not.toBe(first.value);
    expect(log.lines).toEqual([]);
  });

  it("of the house settles what is being drawn and what waits, and refuses the rest", async () => {
    const keeper = keep();
    await keeper.drawText("fine");
    const left = [keeper.drawText("hang"), keeper.drawText("fine")];
    await keeper.close();
    for (const answer of [...(await Promise.all(left)), await keeper.drawText("fine")])
      expect(answer).toEqual({ ok: false, problem: { kind: "failed", because: "No more pictures are painted" } });
    expect(keeper.log.lines).toEqual([]);
  });
});
