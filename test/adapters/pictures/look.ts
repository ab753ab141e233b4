/** Paints every sample in both looks into a folder, for a look with one's own eyes: `npx tsx test/adapters/pictures/look.ts FOLDER`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openPainter } from "../../../src/adapters/pictures/painter.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import type { Look, Painted } from "../../../src/ports/painter.ts";
import { keptLog } from "../../fixtures/kept_log.ts";
import { equitySamples, positionSamples, promptSamples } from "../../fixtures/picture_samples.ts";

const folder = process.argv[2] ?? "/tmp/pictures";
mkdirSync(folder, { recursive: true });
const painter = openPainter({ clock: systemClock(), log: keptLog() });

function keep(name: string, painted: Painted): void {
  if (painted.ok) writeFileSync(join(folder, `${name}.png`), painted.value.png);
  process.stdout.write(`${name}: ${painted.ok ? painted.value.description : painted.problem.because}\n`);
}

for (const look of ["dark", "light"] as const satisfies readonly Look[]) {
  for (const [name, wish] of Object.entries(promptSamples))
    keep(`prompt_${name}_${look}`, await painter.paintPrompt({ ...wish, look }));
  for (const [name, wish] of Object.entries(equitySamples))
    keep(`equity_${name}_${look}`, await painter.paintEquity({ ...wish, look }));
  for (const [name, wish] of Object.entries(positionSamples))
    keep(`position_${name}_${look}`, await painter.paintPosition({ ...wish, look }));
}
await painter.close();
