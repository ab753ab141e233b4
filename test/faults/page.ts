/** The page that shows fault, test, invariant and mark side by side. It holds what the source says, not what one run reached. */
import { impossible } from "./impossible.ts";
import type { Fault, Place } from "./scan.ts";

type Row = { readonly fault: Fault; readonly tests: readonly Place[]; readonly marks: readonly Place[] };

const opening = `# What must be survived

Written by \`npm run faults -- --write\`. Each fault of the catalogue with the tests that inject it (its id stands in their
titles), the marks that stand in the branches that handle it, and the invariants that the simulator holds against it.
\`npm run faults\` says which of them the last runs reached.

`;

export function page(rows: readonly Row[]): string {
  const head = "| id | tier | fault | tests | marks | invariants |\n|---|---|---|---|---|---|\n";
  return opening + head + rows.map(line).join("");
}

function line({ fault, tests, marks }: Row): string {
  const titles = [...new Set(tests.map((place) => `${cell(place.what)} (\`${place.path.replace(/^test\//, "")}\`)`))];
  const places = [...new Set(marks.map((place) => `\`${place.what}\``))];
  const shown = titles.length > 0 ? titles.join("<br>") : (impossible[fault.id] ?? "none");
  return `| ${fault.id} | ${fault.tier} | ${cell(fault.fault)} | ${shown} | ${places.join("<br>") || "none"} | ${fault.invariants.join(" ")} |\n`;
}

const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/</g, "&lt;");
