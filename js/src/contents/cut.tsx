/** Long texts: they begin with their start, and scroll. */
import { useState } from "preact/hooks";
import { strings } from "../strings";

/** The text as far as it is shown, and the button that shows the rest. */
export function useCut(text: string, limit: number) {
  const [all, setAll] = useState(false);
  const cut = !all && text.length > limit * 1.25; // no button for a last line
  const more = cut && (
    <button type="button" class="quiet show-all" onClick={() => setAll(true)}>
      {strings.contents.showAll(text.length.toLocaleString())}
    </button>
  );
  return { shown: cut ? `${text.slice(0, limit)}…` : text, more };
}

/** What scrolls must be reachable by keyboard: this may be long enough for it. */
export function scrolls(text: string): 0 | undefined {
  return text.length > 700 || text.split("\n").length > 14 ? 0 : undefined;
}
