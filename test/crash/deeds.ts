/** What a person, the market and the venue do in a scenario: small deeds that wait for what they are about, and no longer. */
import { type BookedPosition, openPositions, readBooks } from "../smoke/bot_books.ts";
import { type Copy, chats } from "../smoke/chats.ts";
import { until } from "../smoke/until.ts";
import { type CrashScene, coins, lift } from "./scene.ts";

const liftEveryMs = 3_000;

/** A copy of an open request for an entry, on the chat whose turn it is. Requests come once a minute. */
export async function anEntry(scene: CrashScene): Promise<Copy> {
  let liftedAt = performance.now();
  const look = async () => {
    const copy = openEntry(scene);
    if (copy === null && performance.now() - liftedAt > liftEveryMs) {
      liftedAt = performance.now();
      await lift(scene).catch(() => false);
    }
    return copy;
  };
  return until("an open request on all three chats", look, {
    hopeless: scene.hopeless,
    deadlineMs: 100_000,
    everyMs: 50,
    seen: () => scene.bot.output().slice(-1_000),
  });
}

function openEntry({ hands, turn }: CrashScene): Copy | null {
  for (const coin of coins) {
    const copies = chats.map((chat) =>
      hands
        .messages(chat)
        .findLast((copy) => copy.title.includes("Buy ") && copy.title.includes(`${coin}/`) && copy.buttons.length > 0),
    );
    const copy = copies[turn.count % copies.length];
    if (copy !== undefined && copies.every((one) => one !== undefined)) return copy;
  }
  return null;
}

/** Ready for an entry: a request is open. Where every coin is held, one is given back first. */
export async function asked(scene: CrashScene): Promise<void> {
  const held = openPositions(await readBooks(scene.stage.home));
  if (held.length >= coins.length - 1) await giveBack(scene, held);
  await anEntry(scene);
}

async function giveBack(scene: CrashScene, held: readonly BookedPosition[]): Promise<void> {
  for (const { instrument_id } of held)
    await scene.desk.command("close", symbolOf(instrument_id)).catch(() => undefined);
}

const retapMs = 6_000;

/** Taps until the request is closed: a price may have grown old, and a tap during a restart does not count. */
export async function tapUntilClosed({ hands, hopeless }: CrashScene, first: Copy, label: string): Promise<void> {
  let tappedAt = Number.NEGATIVE_INFINITY;
  await until(
    `"${first.title}" is closed`,
    async () => {
      const copy = hands.messages(first.chat).find((one) => one.id === first.id);
      if (copy === undefined || copy.buttons.length === 0) return true;
      if (performance.now() - tappedAt < retapMs) return false;
      tappedAt = performance.now();
      await hands.tap(copy, label);
      return false;
    },
    { hopeless },
  );
}

export async function approveOne(scene: CrashScene): Promise<void> {
  const copy = await anEntry(scene);
  scene.turn.count += 1;
  await tapUntilClosed(scene, copy, "Approve");
}

/** A house under load may refuse what was approved; a person asks again. */
const attemptsMax = 6;
const heldWithinMs = 30_000;

/** Something is held whose stop rests at the venue. */
export async function held(scene: CrashScene): Promise<BookedPosition> {
  const placed = async () =>
    openPositions(await readBooks(scene.stage.home)).find((one) => one.protection === "placed") ?? null;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const known = await placed();
    if (known !== null) return known;
    await approveOne(scene);
    const { hopeless } = scene;
    const found = await until("a protected position", placed, {
      hopeless,
      everyMs: 100,
      deadlineMs: heldWithinMs,
    }).catch(() => null);
    if (found !== null) return found;
    if (hopeless() !== null) break;
  }
  throw new Error(`Nothing came to be held: ${scene.hopeless() ?? scene.bot.output().slice(-1_000)}`);
}

export const prepareHeld = async (scene: CrashScene): Promise<void> => void (await held(scene));

export const symbolOf = (instrumentId: string): string => instrumentId.split(":")[1] ?? "";
const venueSymbol = (position: BookedPosition): string => symbolOf(position.instrument_id).replace("/", "-");

export async function close(scene: CrashScene): Promise<void> {
  const { instrument_id } = await held(scene);
  await scene.desk.command("close", symbolOf(instrument_id));
  await untilBooked(scene, "it is closed", (open) => open.every((one) => one.instrument_id !== instrument_id));
}

/** Waits for the books; every look opens a connection, so looks are rare. */
export function untilBooked(
  { stage, hopeless }: CrashScene,
  what: string,
  probe: (open: readonly BookedPosition[]) => boolean,
): Promise<boolean> {
  const look = () =>
    readBooks(stage.home).then(
      (books) => probe(openPositions(books)),
      () => false,
    );
  return until(what, look, { hopeless, everyMs: 250, deadlineMs: 90_000 });
}

export async function jump(scene: CrashScene, to: "stop" | "target"): Promise<void> {
  const position = await held(scene);
  const { stop_price, target_price } = position;
  const price = to === "stop" || target_price === null ? Number(stop_price) * 0.9995 : Number(target_price) * 1.0005;
  scene.stage.exchange.faults.jump(venueSymbol(position), price.toFixed(2));
}

/** The price of an instrument with an open request moves by this many percent, 0.01 at least. */
export function drift(scene: CrashScene, copy: Copy, percent: number): void {
  const coin = coins.find((one) => copy.title.includes(`${one}/`)) ?? coins[0];
  const last = Number(scene.stage.exchange.market.lastPrice(`${coin}-USDT`) ?? "100");
  scene.stage.exchange.faults.jump(`${coin}-USDT`, (last * (1 + percent / 100)).toFixed(2));
}

const accountOf = ({ stage }: CrashScene): string => `account-${stage.exchange.credentials[0]?.key ?? ""}`;

/** At the venue's own page somebody takes the stop of a position away. */
export function takeStopAway({ stage }: CrashScene, position: BookedPosition): void {
  const { house } = stage.exchange;
  for (const oco of house.core.state.ocos.values())
    if (oco.status === "NEW" && oco.symbol === venueSymbol(position)) house.run({ do: "cancel_oco", ocoId: oco.id });
}

/** At the venue's own page somebody sells what we hold. The oracle knows such orders by their name. */
export function sellByHand(scene: CrashScene, position: BookedPosition): void {
  takeStopAway(scene, position);
  const { house } = scene.stage.exchange;
  const symbol = venueSymbol(position);
  const accountId = accountOf(scene);
  const step = scene.stage.exchange.market.instruments.find((one) => one.symbol === symbol)?.step ?? 1n;
  const free = house.core.state.accounts.get(accountId)?.balances.get(symbol.split("-")[0] ?? "")?.free ?? 0n;
  const notes = { remark: "", tags: "", hidden: false, iceberg: false, visibleSize: 0n };
  scene.turn.count += 1;
  const outcome = house.run({
    do: "place",
    accountId,
    wish: {
      ...notes,
      clientOid: `hand-${scene.turn.count}`,
      symbol,
      side: "sell",
      type: "market",
      price: null,
      size: free - (free % step),
      funds: null,
      timeInForce: "GTC",
      postOnly: false,
      cancelAfter: null,
      selfTrade: "",
    },
  });
  if (!outcome.ok) throw new Error(`The sale by hand was refused: ${outcome.problem.kind}`);
}

/** Coins leave the account (or come back, with a plus), and no list of the venue says so. */
export function moveCoins({ stage }: CrashScene, position: BookedPosition, amount: string): void {
  const key = stage.exchange.credentials[0]?.key ?? "";
  stage.exchange.faults.deposit(key, symbolOf(position.instrument_id).split("/")[0] ?? "", amount);
}

/** A command and the tap that confirms it. */
export async function confirmed(scene: CrashScene, command: "flatten" | "emergency"): Promise<void> {
  await scene.desk.command(command, "a drill");
  const find = () =>
    scene.hands.messages("desk").findLast((one) => /^Close every/.test(one.title) && one.buttons.length > 0);
  const copy = await until("the question", find, { hopeless: scene.hopeless });
  await tapUntilClosed(scene, copy, "Approve");
  await untilBooked(scene, "nothing is held", (open) => open.length === 0);
}

/** Kills it on the way, at a place that this scenario does not mean, and leaves it dead. */
export async function dieAt(scene: CrashScene, hook: string, act: () => Promise<void>): Promise<void> {
  scene.arm(hook, 1);
  await Promise.race([act().catch(() => undefined), scene.bot.ended]);
  if (scene.bot.whyEnded() === null) scene.bot.signal("SIGKILL");
  await scene.bot.ended;
  scene.disarm();
}
