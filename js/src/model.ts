/** The widget model as the card uses the model: the traits, and a few methods of anywidget. */
import type { AnyModel } from "@anywidget/types";
import type { Entry, Head, ViewHead } from "./protocol";

export interface Traits {
  /** Written by the kernel only, as are all entries. */
  view: ViewHead;
  /** Written by the kernel only; missing until the run has progress to show. */
  progress?: Head;
  [entry: `${"turn" | "record" | "pending" | "standing"}_${number}`]: Entry;
  /** Interrupt id → text in the editor. Written by the page only. */
  drafts: Record<string, string>;
  /** Equals the model's id, which anywidget's proxy does not show. */
  widget_id: string;
  /** Models with further code that this card needs, by name (see parts.ts). Written by the kernel only. */
  parts?: Record<string, string>;
}

export type CardModel = AnyModel<Traits>;

/** Listen until the signal says that the view has ended. */
export function listen(
  model: CardModel,
  event: string,
  handler: (...args: never[]) => void,
  signal: AbortSignal,
): void {
  model.on(event, handler as () => void);
  signal.addEventListener("abort", () => model.off(event as `change:${keyof Traits}`, handler as () => void));
}
