/** The notes by which the emergency process tells the house what it does. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmergencyNotice } from "../../src/core/lifeline.ts";

export type Notes = ReturnType<typeof noteIn>;

export function noteIn(home: string) {
  const at = new Date().toISOString();
  let note: EmergencyNotice = {
    form: "emergency-1",
    id: "emergency test",
    at,
    beatAt: at,
    by: "test",
    reason: "the house is frozen",
    isDone: false,
    orders: [],
    left: [],
  };
  const save = () => {
    const path = join(home, "emergency.json");
    writeFileSync(`${path}.new`, JSON.stringify({ ...note, beatAt: new Date().toISOString() }));
    renameSync(`${path}.new`, path);
  };
  return {
    save,
    tell(change: Partial<EmergencyNotice>) {
      note = { ...note, ...change, orders: [...note.orders, ...(change.orders ?? [])] };
      save();
    },
    change(each: (sale: EmergencyNotice["orders"][number]) => EmergencyNotice["orders"][number]) {
      note = { ...note, orders: note.orders.map(each) };
    },
  };
}
