/** No order leaves without a durable intent: the database refuses to keep the arming, and the exchange sees nothing. */
import { expect, test } from "vitest";
import { approvalState, play, sentEntries, storyMs, untilProtected } from "./play.ts";

const refuse = (kind: string, code: string): string =>
  `create function no_room() returns trigger language plpgsql as $$ begin
     if new.kind = '${kind}' then raise exception 'could not extend file: No space left on device' using errcode = '${code}'; end if;
     return new;
   end $$;
   create trigger no_room before insert on events for each row execute function no_room()`;

test.concurrent.each([
  ["the disk of the database is full [P14]", "order_sending", "53100"],
  ["its files can't be written [P15]", "order_sending", "58030"],
  ["the decision itself finds no room [P14]", "order_intended", "53100"],
])(
  "%s: nothing is sent, the approval says so, and the next one trades",
  (_what, kind, code) =>
    play({}, async (stage) => {
      await stage.database.pool.query(refuse(kind, code));
      const id = await stage.ask("SOL/USDT");
      await stage.telegram.tap("Approve");
      await stage.until(
        () => stage.house().needs.ledger.books().approvals[id]?.state !== "pending",
        "the answer to the tap",
        20_000,
      );
      await stage.house().needs.clock.sleep(2_500);
      expect(sentEntries(stage)).toEqual([]);
      await stage.database.pool.query("drop trigger no_room on events");
      await stage.until(
        () => ["exec_failed", "invalidated", "executed", "expired"].includes(approvalState(stage, id) ?? ""),
        "the end of the approval",
        40_000,
      );
      if (approvalState(stage, id) !== "executed") {
        expect(sentEntries(stage)).toEqual([]);
        await stage.ask("SOL/USDT");
        await stage.telegram.tap("Approve");
      }
      await untilProtected(stage, "SOL/USDT", 30_000);
      expect(sentEntries(stage)).toHaveLength(1);
    }),
  storyMs,
);
