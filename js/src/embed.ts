/**
 * Further ipywidgets inside the card.
 *
 * The widgets are children of the card's host, outside the shadow root, and shown through a slot: the styles
 * of the page do not reach into a shadow root.
 */
import { createContext } from "preact";
import { type Attachable, viewOf } from "./host";
import type { CardModel } from "./model";

/**
 * Shows a widget through the slot of this name until the signal ends; rejects where the widget cannot be
 * shown. `onDrawn` is told whether the widget is drawn, at each change.
 */
export type Embed = (
  modelId: string,
  slot: string,
  signal: AbortSignal,
  onDrawn?: (isDrawn: boolean) => void,
) => Promise<void>;

/** `null` where there is no page around the card. */
export const Embedding = createContext<Embed | null>(null);

export interface Embedded {
  embed: Embed;
  /** Send the values of the widgets to the kernel: an answer must not arrive before the values. */
  flush(): void;
}

export function embedIn(model: CardModel, host: HTMLElement): Embedded {
  const shown = new Set<Attachable>();
  const embed: Embed = async (modelId, slot, signal, onDrawn) => {
    const view = await viewOf(model, modelId);
    if (signal.aborted) return view.remove();
    const place = document.createElement("div");
    place.slot = slot;
    host.append(place);
    view.attach(place);
    shown.add(view);
    const tell = () => signal.aborted || onDrawn?.(view.isDrawn());
    const observer = new MutationObserver(tell);
    observer.observe(place, { childList: true, subtree: true });
    tell();
    signal.addEventListener("abort", () => {
      observer.disconnect();
      shown.delete(view);
      view.remove();
      place.remove();
    });
  };
  const flush = () => {
    try {
      for (const view of shown) view.flush();
    } catch {
      // A page with other private names: a change of the last moment may come after the answer.
    }
  };
  return { embed, flush };
}
