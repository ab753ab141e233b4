/**
 * The built page in a real browser, against the real desk and the real local server: sign in, read, sign, type.
 * Skipped, with the reason said, where no chromium is installed.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openScriptedHouse, type ScriptedHouse } from "./scripted_house.ts";

const executablePath = "/usr/bin/chromium";
const hasBrowser = existsSync(executablePath);
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const without = hasBrowser
  ? ""
  : ` (skipped: there is no browser at ${executablePath}; install Debian's chromium package)`;

describe.skipIf(!hasBrowser)(`the desk's page${without}`, () => {
  let folder = "";
  let browser: BrowserContext;
  let house: ScriptedHouse;
  let page: Page;
  /** Anything the browser complained about: script errors, refused styles, blocked loads. */
  const complaints: string[] = [];
  const outside: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "desk-page-"));
    // A build of its own, so that the test never sees a stale page.
    const outDir = join(folder, "dashboard");
    await promisify(execFile)(
      process.execPath,
      [
        "node_modules/vite/bin/vite.js",
        "build",
        "--config",
        "dashboard/vite.config.ts",
        "--outDir",
        outDir,
        "--logLevel",
        "error",
      ],
      { env: { ...process.env, NODE_ENV: "production" } },
    );
    browser = await chromium.launchPersistentContext(join(folder, "profile"), {
      executablePath,
      args: flags,
      viewport: { width: 1280, height: 800 },
      timezoneId: "Asia/Kolkata",
    });
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    house = await openScriptedHouse({ dashboardFolder: join(folder, "dashboard") });
    page = await browser.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      const { hostname } = new URL(request.url());
      if (hostname !== "127.0.0.1") outside.push(request.url());
    });
  });
  afterEach(async () => {
    await page.close();
    await house.close();
    await browser.clearCookies();
    complaints.length = 0;
    outside.length = 0;
  });

  const signIn = async () => {
    await page.goto(`${house.address}/#code=owner-code-1234`);
    await page.getByRole("heading", { name: "Nothing to sign yet" }).waitFor();
  };

  test("without a code there is one field and nothing else", async () => {
    await page.goto(house.address);
    await page.getByLabel("One-time code").waitFor();
    expect(await page.getByRole("textbox").count()).toBe(1);
    expect(await page.getByRole("button").allTextContents()).toEqual(["Enter"]);
    expect(await page.locator("body").innerText()).not.toMatch(/USDT|Ana|PAPER/);
    await page.getByLabel("One-time code").fill("not-the-code");
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByRole("alert").filter({ hasText: "wrong, already used" }).waitFor();
    // The refused code is the one complaint the browser may make here.
    expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
  });

  test("the printed address signs in, forgets its code, and the cookie survives a reload", async () => {
    await signIn();
    expect(page.url()).toBe(`${house.address}/`);
    await page.reload();
    await page.getByRole("heading", { name: "Nothing to sign yet" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("One-time code").waitFor();
    expect(house.drawer.sessions.size).toBe(0);
  });

  test("a prompt with its chart is read, signed, and closes in place", async () => {
    await signIn();
    await house.script.ask();
    const prompt = page.getByRole("region", { name: /Waiting for a signature: Buy 0.0051 BTC\/USDT/ });
    await prompt.waitFor();
    for (const fact of ["97,412.50 USDT", "(4.88 % of equity)", "11.68 USDT", "612.40 → 1,109.20 USDT"]) {
      expect(await prompt.innerText()).toContain(fact);
    }
    const chart = prompt.getByRole("img", { name: /entry 97,412.5, stop 95,220, target 101,310/ });
    expect(await chart.locator("canvas").count()).toBeGreaterThan(0);
    expect(await prompt.getByRole("timer").innerText()).toMatch(/^[45]:\d\d$/);
    // Kolkata is 5:30 ahead of UTC: both clocks are shown, and they differ.
    const until = /Until (\d\d):(\d\d):\d\d here, (\d\d):(\d\d):\d\dZ/.exec(await prompt.innerText()) ?? [];
    const [localMinutes, utcMinutes] = [
      Number(until[1]) * 60 + Number(until[2]),
      Number(until[3]) * 60 + Number(until[4]),
    ];
    expect((localMinutes - utcMinutes + 1440) % 1440).toBe(330);
    await expect.poll(() => page.title()).toBe("(1) Countersign · PAPER");

    await prompt.getByRole("button", { name: "Approve" }).dblclick();
    const closed = page.getByRole("region", { name: /Closed: Buy/ });
    await closed.waitFor();
    expect(await closed.innerText()).toMatch(/APPROVED \d\d:\d\d:\d\dZ by Ana \(desk\)/);
    expect(await closed.getByRole("button", { name: "Approve" }).count()).toBe(0);
    expect(
      house.received.filter(({ kind }) => kind === "tap"),
      "a double click is one tap",
    ).toHaveLength(1);
    await page.getByText("Approve counted").waitFor();
    expect(complaints).toEqual([]);
    expect(outside).toEqual([]);
  });

  test("/sta completes to /status, and the arrow brings it back", async () => {
    await signIn();
    await page.keyboard.type("/sta");
    const box = page.getByRole("combobox");
    await page.getByRole("option", { name: /\/status/ }).waitFor();
    await page.keyboard.press("Tab");
    expect(await box.inputValue()).toBe("/status");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "All quiet" }).waitFor();
    expect(house.received).toMatchObject([{ kind: "command", name: "status", text: "" }]);
    expect(await box.inputValue()).toBe("");
    await page.keyboard.press("ArrowUp");
    expect(await box.inputValue()).toBe("/status");
    await box.fill("/close b");
    await page.getByRole("option", { name: /BTC\/USDT/ }).waitFor();
    await page.keyboard.press("Enter");
    expect(await box.inputValue()).toBe("/close BTC/USDT ");
    expect(complaints).toEqual([]);
  });

  test("while the house is away the page says so and shuts its buttons, then goes on by itself", async () => {
    await signIn();
    await house.script.ask();
    await page.getByRole("button", { name: "Approve" }).waitFor();
    const { port, drawer } = house;
    await house.close();
    await page.getByText("Nothing can be signed").waitFor();
    expect(await page.getByRole("button", { name: "Approve" }).isDisabled()).toBe(true);
    house = await openScriptedHouse({ dashboardFolder: join(folder, "dashboard"), port, drawer });
    await page.getByText("Nothing can be signed").waitFor({ state: "detached", timeout: 15_000 });
    await house.script.ask();
    expect(await page.getByRole("button", { name: "Approve" }).isEnabled()).toBe(true);
  });

  test("a revoked person is shown the door", async () => {
    await signIn();
    house.drawer.people.delete("ana");
    await page.getByRole("alert").filter({ hasText: "revoked" }).waitFor();
    expect(await page.locator("body").innerText()).not.toContain("10,184.20");
  });

  test.each([
    [360, 740],
    [390, 844],
    [1280, 800],
  ])("at %i x %i nothing sticks out sideways and the decision is in sight", async (width, height) => {
    await page.setViewportSize({ width, height });
    await signIn();
    await house.script.ask();
    const approve = page.getByRole("button", { name: "Approve" });
    await approve.waitFor();
    const parts = await page.locator("main, header, nav, article section").all();
    const boxes = await Promise.all(parts.map((part) => part.boundingBox()));
    const widest = Math.max(...boxes.map((box) => (box === null ? 0 : box.x + box.width)));
    expect(widest).toBeLessThanOrEqual(width);
    await expect.poll(async () => (await approve.boundingBox())?.y ?? height).toBeLessThan(height - 50);
    const title = await page.getByRole("heading", { name: "Buy 0.0051 BTC/USDT" }).boundingBox();
    expect(title?.y ?? -1, "what is signed is in sight together with the button").toBeGreaterThan(40);
    expect((await approve.boundingBox())?.height ?? 0, "big enough for a thumb").toBeGreaterThanOrEqual(44);
  });
});
