/** The painter of this house: a drawing is worked out here, in a millisecond, and drawn in a thread of its own. */
import { fail, ok, type Result } from "../../core/result.ts";
import type { Painted, Painter, PictureProblem } from "../../ports/painter.ts";
import { canvas, type Drawing } from "./drawing.ts";
import { equityDrawing } from "./equity_picture.ts";
import { optionOf } from "./option.ts";
import { positionDrawing } from "./position_picture.ts";
import { promptDrawing } from "./prompt_picture.ts";
import { keepThread, type ThreadSetup } from "./thread_keeper.ts";

const size = {
  widthPx: Math.round(canvas.width * canvas.scale),
  heightPx: Math.round(canvas.height * canvas.scale),
} as const;

/** Nothing is loaded and no thread runs before the first picture. */
export function openPainter(setup: ThreadSetup): Painter {
  const keeper = keepThread(setup);

  const paint = async (kind: string, draw: () => Result<Drawing, string>): Promise<Painted> => {
    const painted = await paintDrawing(worked(draw));
    if (!painted.ok)
      setup.log.warn(`A picture is missing: ${painted.problem.because}`, { kind, problem: painted.problem.kind });
    return painted;
  };

  const paintDrawing = async (drawing: Result<Drawing, PictureProblem>): Promise<Painted> => {
    if (!drawing.ok) return drawing;
    const png = await keeper.draw(optionOf(drawing.value));
    return png.ok ? ok({ png: png.value, ...size, description: drawing.value.description }) : png;
  };

  return {
    paintPrompt: (wish) => paint("prompt", () => promptDrawing(wish)),
    paintEquity: (wish) => paint("equity", () => equityDrawing(wish)),
    paintPosition: (wish) => paint("position", () => positionDrawing(wish)),
    close: () => keeper.close(),
  };
}

/** A mistake of ours in a picture must not cost the message that it belongs to: it is a problem that the log shows. */
function worked(draw: () => Result<Drawing, string>): Result<Drawing, PictureProblem> {
  try {
    const drawing = draw();
    return drawing.ok ? drawing : fail({ kind: "unusable", because: drawing.problem });
  } catch (error) {
    return fail({ kind: "unusable", because: error instanceof Error ? error.message : String(error) });
  }
}
