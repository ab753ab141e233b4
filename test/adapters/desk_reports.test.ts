/** The file behind /report: for whoever is signed in at the desk, and for nobody else. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { signIn } from "../dashboard/page_client.ts";
import { openScriptedHouse, type ScriptedHouse } from "../dashboard/scripted_house.ts";

let house: ScriptedHouse;
beforeAll(async () => {
  house = await openScriptedHouse();
});
afterAll(() => house.close());

test("a file of a period comes as an attachment, another name is explained, and without a session there is none", async () => {
  const { cookie } = await signIn(house.address, "owner-code-1234");
  const fetched = (file: string) => fetch(`${house.address}/api/reports/${file}`, { headers: { cookie } });
  const month = await fetched("month.csv");
  expect(month.status).toBe(200);
  expect(month.headers.get("content-type")).toContain("text/csv");
  expect(month.headers.get("content-disposition")).toBe('attachment; filename="countersign_month.csv"');
  expect(await month.text()).toBe("closed_at,net\r\n2026-02-06T10:00:00.000Z,1.5\r\n");
  for (const file of ["year.csv", "month.json", "month%22%0d%0a.csv", "..%2fmonth.csv"]) {
    const answer = await fetched(file);
    expect(answer.status, file).toBe(404);
    expect(await answer.text()).toContain("day.csv, 7d.csv, week.csv, month.csv or 2026-02.csv");
  }
  expect((await fetch(`${house.address}/api/reports/month.csv`)).status).toBe(401);
});
