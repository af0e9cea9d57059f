/**
 * Cells that JupyterLab takes out of the page while these cells are out of sight (windowing mode "full", the default of
 * JupyterLab 4.2 to 4.4), by names that JupyterLab keeps private (listed in ARCHITECTURE.md).
 */
import { managerOf } from "./host";
import type { CardModel } from "./model";

/** The element of a cell, with the number of the cell. */
const CELL = "[data-windowed-list-index]";

/** A widget of Lumino, such as a cell or a notebook. */
interface Widget {
  readonly parent?: Widget | null;
  readonly widgets?: readonly Widget[];
  scrollToItem?(index: number, align: string): Promise<void> | undefined;
}

export type Away = "above" | "below" | null;

/** Where the cell around an element is, if the notebook has taken the cell out of the page; `null` where it has not. */
export function placeAway(element: Element): Away {
  const cell = element.closest<HTMLElement>(CELL);
  if (!cell || isShown(cell)) return null;
  const index = numberOfCell(cell);
  const others = [...(cell.parentElement?.querySelectorAll<HTMLElement>(`:scope > ${CELL}`) ?? [])];
  const seen = others.find(isShown);
  return seen ? (numberOfCell(seen) > index ? "above" : "below") : null;
}

/** The active cell stays in the page, of no height. */
function isShown(cell: HTMLElement): boolean {
  return cell.style.opacity !== "0" && cell.getClientRects().length > 0;
}

/** The number of the cell around an element, or of the cell itself. */
export function numberOfCell(element: Element): number {
  return Number(element.closest<HTMLElement>(CELL)?.dataset.windowedListIndex);
}

/** Frames in which a notebook may put a cell back into the page. */
const FRAMES = 60;

/** Have the notebook scroll to the cell of a card, which is away, and wait until the cell is back in the page. */
export async function bringBack(model: CardModel, host: Element): Promise<void> {
  try {
    await scrollTo(model);
    for (let frame = 0; frame < FRAMES && placeAway(host) !== null; frame += 1)
      await new Promise((resolve) => requestAnimationFrame(resolve));
  } catch {
    // A page with other private names: the person scrolls.
  }
}

async function scrollTo(model: CardModel): Promise<void> {
  const { views = {} } = await managerOf(model).get_model(model.get("widget_id"));
  for (const made of Object.values(views)) {
    let within: Widget | undefined = (await made)?.luminoWidget;
    while (within?.parent && !within.parent.scrollToItem) within = within.parent;
    const notebook = within?.parent;
    const index = within ? (notebook?.widgets?.indexOf(within) ?? -1) : -1;
    if (index >= 0) {
      void notebook?.scrollToItem?.(index, "start")?.catch(() => {}); // rejected where the person scrolls
      return;
    }
  }
}
