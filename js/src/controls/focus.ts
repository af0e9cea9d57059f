/** Focus within a form. */

const FILLED_IN = "input, select, textarea, button, [tabindex='0']";

/** Focus an element of the form, or the first input within the element. */
export function giveFocus(root: HTMLElement, id: string): void {
  const element = root.querySelector<HTMLElement>(`[id="${id}"], [id="${id}-variants"]`);
  const filled = element?.matches(FILLED_IN) ? element : element?.querySelector<HTMLElement>(FILLED_IN);
  (filled ?? element)?.focus();
}
