/** Long texts: first only the start is shown, in a box that scrolls. */
import { useState } from "preact/hooks";
import { cut } from "../cut";
import * as strings from "../strings";

/** The shown part of a text, and the button that shows the rest. */
export function useCut(text: string, limit: number) {
  const [all, setAll] = useState(false);
  const isCut = !all && text.length > limit * 1.25; // no button for a last line
  const more = isCut && (
    <button type="button" class="quiet show-all" onClick={() => setAll(true)}>
      {strings.contents.showAll(text.length.toLocaleString())}
    </button>
  );
  return { shown: isCut ? cut(text, limit) : text, more };
}

/** A scrollable element must be reachable by keyboard: a text of this length may need to scroll. */
export function scrolls(text: string): 0 | undefined {
  return text.length > 700 || text.split("\n").length > 14 ? 0 : undefined;
}
