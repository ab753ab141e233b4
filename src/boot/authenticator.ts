/** The QR code of an authenticator app in the terminal: the way back for whoever lost the phone, and as good as the machine itself. */
import { offerAuthenticator } from "../flows/enrol_authenticator.ts";
import type { Needs } from "../flows/needs.ts";

export async function offerAtTerminal(needs: Needs, personId: string): Promise<void> {
  const isKnown = needs.ledger.books().people.persons[personId]?.isActive === true;
  const made = isKnown ? await offerAuthenticator(needs, { personId, actor: "terminal" }) : null;
  const lines =
    made === null
      ? [
          `  --authenticator: there is no ${personId} here. People: ${Object.keys(needs.ledger.books().people.persons).join(", ")}`,
        ]
      : [
          `  New authenticator app for ${personId}: scan this, then type /code and its six digits at the desk.`,
          "",
          ...squares(made.picture),
          "",
          `  Can't scan: ${made.secret}   (valid for 10 minutes; the old app counts until then)`,
        ];
  process.stdout.write(`${["", ...lines, ""].join("\n")}\n`);
}

/** Two rows of the picture in one line of text, dark on light as scanners want it, with the quiet zone around it. */
export function squares(picture: readonly (readonly boolean[])[]): readonly string[] {
  const size = picture.length;
  const isDark = (row: number, column: number): boolean => picture[row]?.[column] === true;
  const lines: string[] = [];
  for (let row = -2; row < size + 2; row += 2) {
    let line = "";
    for (let column = -2; column < size + 2; column += 1)
      line += blocks[`${isDark(row, column) ? 1 : 0}${isDark(row + 1, column) ? 1 : 0}` as keyof typeof blocks];
    lines.push(`  ${line}`);
  }
  return lines;
}

/** Light is drawn and dark is left out: terminals are dark far more often than not. */
const blocks = { "00": "█", "01": "▀", "10": "▄", "11": " " } as const;
