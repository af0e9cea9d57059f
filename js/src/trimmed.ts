/**
 * JupyterLab draws only the first outputs of a cell (the setting `maxNumberOutputs`, by default 50), and in place of the
 * rest the button "Show more outputs". A card among the rest is not drawn, so that nobody could answer: the button is
 * pressed for a card that waits.
 */
import { managerOf, shownIn } from "./host";
import { type CardModel, listen } from "./model";
import { numberOfCell } from "./windowed";

const BUTTON = ".jp-TrimmedOutputs-button";

/** The element of an output; the button has one, too. */
const OUTPUT = ".jp-OutputArea-child";

/** Milliseconds between two looks, while a card waits without being drawn: the output comes after the model. */
const EVERY_MS = 500;

/** Have the page draw the card as soon as the card waits. */
export function showTrimmed(model: CardModel, signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async () => {
    clearTimeout(timer);
    if (!isAsking(model) || (await isDrawn(model)) || signal.aborted) return;
    press(model);
    clearTimeout(timer); // of a look meanwhile
    timer = setTimeout(look, EVERY_MS);
  };
  listen(model, "change:phase", look, signal);
  signal.addEventListener("abort", () => clearTimeout(timer));
  void look();
}

/** An inbox, which has no phase, always waits for a person. */
function isAsking(model: CardModel): boolean {
  const phase = (model as { get(key: string): unknown }).get("phase") as
    | { value?: { kind?: string } }
    | undefined;
  return phase === undefined || phase.value?.kind === "asking";
}

/** Also true where the host does not tell. */
async function isDrawn(model: CardModel): Promise<boolean> {
  const manager = managerOf(model);
  if (!manager?.context?.model?.cells) return true;
  const { views } = await manager.get_model(model.get("widget_id")).catch(() => ({ views: undefined }));
  return !views || Object.keys(views).length > 0;
}

function press(model: CardModel): void {
  const notebook = managerOf(model).context?.model;
  const buttons = Array.from(document.querySelectorAll<HTMLElement>(BUTTON));
  if (!notebook || buttons.length === 0) return;
  for (const { id, nth, at } of shownIn(notebook)) {
    if (id !== model.get("widget_id")) continue;
    buttons.find((button) => numberOfCell(button) === nth && drawnBefore(button) <= at)?.click();
  }
}

/** The number of outputs that are drawn above the button. */
function drawnBefore(button: Element): number {
  const place = button.closest(OUTPUT);
  return Array.from(place?.parentElement?.children ?? []).indexOf(place as Element);
}
