/**
 * The one painter of this house, for every chat that shows pictures. It is loaded with the first picture, so that a start is
 * as quick as without it, and nobody waits long for it: a message that is due leaves without a picture.
 */
import { type Card, pictureOf } from "../core/card.ts";
import type { CardPicture } from "../core/card_picture.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { PaintCard, Painted, Painter, Picture } from "../ports/painter.ts";

/** The first picture takes about 200 ms, every later one about 30 ms. */
const paintDeadlineMs = 700;
/** Dark is what most people set their phone to, and what is read in bed. */
const look = "dark" as const;

export type Pictures = { readonly paint: PaintCard; close(): Promise<void> };

export type PictureTools = {
  readonly clock: Clock;
  readonly log: Log;
  /** How long a message waits for its picture; absent = 700. */
  readonly deadlineMs?: number;
};

export function openPictures(
  tools: PictureTools,
  open: (tools: PictureTools) => Promise<Painter> = loadPainter,
): Pictures {
  let painter: Promise<Painter> | null = null;
  let isClosed = false;

  async function paintNow(picture: CardPicture): Promise<Picture | null> {
    try {
      painter ??= open(tools);
      const painted = await paintedBy(await painter, picture);
      return painted.ok ? painted.value : null;
    } catch (error) {
      tools.log.warn("A picture is missing: the painter does not work", {
        because: error instanceof Error ? error.message : String(error),
      });
      return null;
    }
  }

  return {
    async paint(card: Card) {
      const picture = pictureOf(card);
      if (picture === null || isClosed) return null;
      return withinDeadline(tools, picture.kind, paintNow(picture));
    },
    async close() {
      isClosed = true;
      await painter?.then((opened) => opened.close()).catch(() => undefined);
    },
  };
}

async function loadPainter({ clock, log }: PictureTools): Promise<Painter> {
  const { openPainter } = await import("../adapters/pictures/painter.ts");
  return openPainter({ clock, log });
}

function paintedBy(painter: Painter, picture: CardPicture): Promise<Painted> {
  switch (picture.kind) {
    case "prompt":
      return painter.paintPrompt({ ...picture, look });
    case "equity":
      return painter.paintEquity({ ...picture, look });
    case "position":
      return painter.paintPosition({ ...picture, look });
    default:
      return picture satisfies never;
  }
}

async function withinDeadline(
  { clock, log, deadlineMs = paintDeadlineMs }: PictureTools,
  kind: CardPicture["kind"],
  painting: Promise<Picture | null>,
): Promise<Picture | null> {
  const over = new AbortController();
  const late = clock.sleep(deadlineMs, over.signal).then(() => "late" as const);
  const first = await Promise.race([painting, late]);
  over.abort();
  if (first !== "late") return first;
  log.warn("A message leaves without its picture", {
    kind,
    because: `It was not painted within ${deadlineMs} ms`,
  });
  return null;
}
