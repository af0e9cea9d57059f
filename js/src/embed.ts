/**
 * Other ipywidgets inside the card.
 *
 * They stand outside the card's shadow root, as its host's children shown through a slot: their styles are the
 * page's, and do not reach into a shadow root.
 */
import { createContext } from "preact";
import { type Attachable, viewOf } from "./host";
import type { CardModel } from "./model";

/** Shows a widget through the slot of this name until the signal ends it; rejects where it cannot be shown. */
export type Embed = (modelId: string, slot: string, signal: AbortSignal) => Promise<void>;

/** `null` where there is no page around the card. */
export const Embedding = createContext<Embed | null>(null);

export interface Embedded {
  embed: Embed;
  /** Have the kernel know what stands in the widgets: an answer must not overtake it. */
  flush(): void;
}

export function embedIn(model: CardModel, host: HTMLElement): Embedded {
  const shown = new Set<Attachable>();
  const embed: Embed = async (modelId, slot, signal) => {
    const view = await viewOf(model, modelId);
    if (signal.aborted) return view.remove();
    const place = document.createElement("div");
    place.slot = slot;
    host.append(place);
    view.attach(place);
    shown.add(view);
    signal.addEventListener("abort", () => {
      shown.delete(view);
      view.remove();
      place.remove();
    });
  };
  const flush = () => {
    for (const view of shown) view.flush();
  };
  return { embed, flush };
}
