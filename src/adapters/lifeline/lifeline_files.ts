/** The snapshot for the emergency process and for people, as files in the home folder; and the note that such a process leaves there. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type EmergencyNotice, lifelineText, noticeSchema } from "../../core/lifeline.ts";
import type { LifelineFiles } from "../../ports/lifeline.ts";

/** What an emergency process needs besides its own settings: where the database is, and in paper the keys of the practice exchange. */
export type EmergencyAccess = {
  readonly baseUrl: string | null;
  readonly database: Readonly<Record<string, string | number>> | null;
  readonly practice: { readonly key: string; readonly secret: string; readonly passphrase: string } | null;
};

export function openLifelineFiles(home: string, access: EmergencyAccess): LifelineFiles {
  const path = join(home, "emergency.json");
  try {
    writeWhole(join(home, "emergency_access.json"), `${JSON.stringify(access)}\n`);
  } catch {
    // A folder that can't be written is told by the first snapshot.
  }
  return {
    baseUrl: access.baseUrl,
    write(lifeline) {
      try {
        writeWhole(join(home, "lifeline.json"), `${JSON.stringify(lifeline, null, 1)}\n`);
        writeWhole(join(home, "lifeline.txt"), lifelineText(lifeline));
        return null;
      } catch (error) {
        return `the lifeline in ${home} could not be written: ${(error as Error).message}`;
      }
    },
    notice() {
      try {
        return noticeSchema.parse(JSON.parse(readFileSync(path, "utf8"))) as EmergencyNotice;
      } catch (error) {
        // Only absence is absence: what another user wrote, or newer code, is a note all the same.
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        const [because = ""] = (error as Error).message.split("\n");
        return {
          problem: `${path} can't be read: ${because}; let this user read it, or take it away once all is closed`,
        };
      }
    },
    settle(notice) {
      renameSync(path, join(home, `emergency_${notice.id.replace(/\W+/g, "_")}.json`));
    },
  };
}

/** Readable by this user only, and on disk when it returns. */
function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`;
  const fd = openSync(draft, "w", 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
}
