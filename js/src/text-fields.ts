/** Fields that letters go into: the keys of cards and lists do not act there, and take no focus away. */

const TEXT_FIELDS = "textarea, select, input:not([type=radio], [type=checkbox]), [contenteditable]";

/** Whether letters go into an element, as text or to find an option. */
export function isTextField(element: Element): boolean {
  return element.matches(TEXT_FIELDS);
}

/** Whether an event comes from a field of text, also within a shadow root of a widget. */
export function isTyped(event: Event): boolean {
  const [target] = event.composedPath();
  return target instanceof Element && isTextField(target);
}

/** Whether the focus of the page is in a field of text, also within shadow roots. */
export function isTyping(): boolean {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused !== null && isTextField(focused);
}
