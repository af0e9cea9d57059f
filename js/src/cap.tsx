/** The key that does the same as a button: seen while the focus is in the card, and told to screen readers by the button. */
import type { ComponentChildren } from "preact";

export function Cap({ children }: { children: ComponentChildren }) {
  return (
    <span class="cap" aria-hidden="true">
      {children}
    </span>
  );
}
