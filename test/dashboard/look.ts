/**
 * The desk with a scripted house behind it, for looking at the page by hand: `npx tsx test/dashboard/look.ts`, after
 * `npx vite build --config dashboard/vite.config.ts`. A prompt arrives 8 s after the start and after each decision.
 */
import { openScriptedHouse } from "./scripted_house.ts";

const port = Number(process.argv[2] ?? 7412);
const house = await openScriptedHouse({ dashboardFolder: `${process.cwd()}/dist/dashboard`, port });
process.stdout.write(`${house.address}/#code=owner-code-1234\nCtrl-C ends it.\n`);
setInterval(() => {
  if (house.state.read().approvals.openCount > 0) return;
  void house.script.ask();
}, 8_000);
process.on("SIGINT", () => {
  void house.close().then(() => process.exit(0));
});
