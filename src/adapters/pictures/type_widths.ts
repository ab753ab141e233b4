/**
 * How wide text is, without drawing it: the advance widths of DejaVu Sans Condensed in thousandths of its size. The picture's
 * font is always this one, whatever the machine has.
 */
import { cutText, oneLine } from "../../core/clean_text.ts";

/** Width, and the characters that have it. What is not listed is taken to be as wide as "…", which few letters exceed. */
const regular: readonly (readonly [width: number, characters: string])[] = [
  [247, "'"],
  [250, "ijl"],
  [265, "IJ"],
  [286, " ,.·"],
  [303, "/:;\\|"],
  [316, "f"],
  [325, "-"],
  [351, "()[]"],
  [353, "t"],
  [360, "!"],
  [370, "r"],
  [414, '"'],
  [450, "*_`–"],
  [469, "s"],
  [472, "z"],
  [478, "?"],
  [495, "c"],
  [501, "L"],
  [518, "F"],
  [521, "k"],
  [532, "vxy"],
  [542, "P"],
  [549, "TY"],
  [550, "o"],
  [551, "a"],
  [554, "e"],
  [568, "E"],
  [570, "hnu"],
  [571, "Sbdgpq"],
  [572, "{}$0123456789"],
  [590, "K"],
  [615, "AV"],
  [616, "XZ"],
  [617, "B"],
  [625, "R"],
  [628, "C"],
  [659, "U"],
  [673, "N"],
  [677, "H"],
  [692, "▲▼"],
  [693, "D"],
  [697, "G"],
  [702, "&"],
  [708, "OQ"],
  [736, "w"],
  [754, "#+<=>^~−→×÷≈"],
  [776, "M"],
  [785, "●"],
  [850, "□"],
  [855, "%"],
  [876, "m"],
  [890, "W"],
  [900, "@…"],
];
const bold: readonly (readonly [width: number, characters: string])[] = [
  [275, "'"],
  [308, "ijl"],
  [313, " "],
  [329, "/\\|"],
  [334, "IJ"],
  [342, ",.·"],
  [360, ":;"],
  [374, "-"],
  [391, "f"],
  [410, "!"],
  [411, "()[]"],
  [430, "t"],
  [444, "r"],
  [450, "_`–"],
  [469, '"'],
  [470, "*"],
  [522, "?"],
  [523, "z"],
  [533, "c"],
  [536, "s"],
  [573, "L"],
  [580, "x"],
  [586, "vy"],
  [598, "k"],
  [607, "a"],
  [610, "e"],
  [614, "T"],
  [615, "EF"],
  [618, "o"],
  [626, "0123456789$"],
  [641, "hnu{}"],
  [644, "bdgpq"],
  [648, "S"],
  [651, "Y"],
  [652, "Z"],
  [659, "P"],
  [660, "C"],
  [686, "B"],
  [692, "▲▼"],
  [693, "R"],
  [694, "X"],
  [696, "AV"],
  [697, "K"],
  [730, "U"],
  [738, "G"],
  [747, "D"],
  [753, "HN"],
  [754, "#+<=>^~−→×÷≈"],
  [765, "OQ"],
  [785, "&●"],
  [831, "w"],
  [850, "□"],
  [896, "M"],
  [900, "@…"],
  [901, "%"],
  [938, "m"],
  [993, "W"],
];

const tableOf = (rows: readonly (readonly [number, string])[]): ReadonlyMap<string, number> =>
  new Map(rows.flatMap(([width, characters]) => [...characters].map((character) => [character, width] as const)));
const tables = { regular: tableOf(regular), bold: tableOf(bold) };
const unlisted = { regular: 900, bold: 1_000 };

type Type = { readonly size: number; readonly isBold?: boolean };

/** Units of the canvas. Kerning, which only draws letters nearer, is left out. */
export function textWidth(words: string, type: Type): number {
  const face = type.isBold === true ? "bold" : "regular";
  let thousandths = 0;
  for (const character of words) thousandths += tables[face].get(character) ?? unlisted[face];
  return (thousandths / 1_000) * type.size;
}

/** The largest of the sizes, from `size` down to `least`, in which the words are at most `width` wide; `least` when none is. */
export function fittingSize(words: string, width: number, type: Type & { readonly least: number }): number {
  const wanted = Math.floor((width / textWidth(words, type)) * type.size);
  return Math.max(type.least, Math.min(type.size, wanted));
}

/** The longest beginning of the words that is at most `width` wide, "…" included when something was left out. */
export function fittingText(words: string, width: number, type: Type): string {
  if (textWidth(words, type) <= width) return words;
  for (let length = words.length; length > 0; length -= 1) {
    const cut = cutText(words, length);
    if (textWidth(cut, type) <= width) return cut;
  }
  return "";
}

/** Latin, Greek, Cyrillic, and the signs beside them: all of it is in the font. */
const strange =
  /[^\u0020-\u007E\u00A0-\u024F\u0370-\u03FF\u0400-\u04FF\u1E00-\u1EFF\u2010-\u2027\u2030-\u205E\u20A0-\u20B5\u2190-\u2193\u2212\u2248\u25A1\u25B2\u25BC]+/gu;

/** One visible line that this font can draw: a run of characters of other scripts becomes one "□". */
export function drawable(words: string): string {
  return oneLine(words).normalize("NFC").replace(strange, "□").trim();
}
