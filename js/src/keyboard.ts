/**
 * Keys typed in the card belong to the card.
 *
 * VS Code and nbclassic listen for their shortcuts on the window and the document: no key but the shortcut that
 * saves reaches that far. Lumino, under JupyterLab and Notebook 7, runs no shortcut for an event whose path crosses an
 * element with this attribute. Of a shadow root Lumino sees only the host, so that the attribute there covers every
 * control. Saving must go on working: for the keys that save, the attribute is removed.
 */
const SUPPRESS = "data-lm-suppress-shortcuts";

/** Whether a key belongs to a composition (IME). Safari ends a composition first, and leaves only the old key code. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

export function isSubmit(event: KeyboardEvent): boolean {
  return event.key === "Enter" && hasAccel(event) && !event.shiftKey && !event.altKey && !isComposing(event);
}

export function isUndo(event: KeyboardEvent): boolean {
  return letterOf(event) === "z" && hasAccel(event) && !event.shiftKey && !event.altKey;
}

export function isSave(event: KeyboardEvent): boolean {
  return letterOf(event) === "s" && hasAccel(event) && !event.altKey;
}

const LATIN = /^[a-z]$/i;
/** A letter or a digit that no Latin layout types; some keys of the Arabic layout type two letters. */
const FOREIGN = /^(?![\p{Script=Latin}\d])[\p{L}\p{M}\p{N}]/u;

/**
 * The Latin letter of a key in lower case, or the digit of a key that types another digit; empty for further keys.
 *
 * On Cyrillic, Greek, Hebrew and further layouts, and with Option on a Mac, a key types another character. The key code
 * is a Latin letter all the same: JupyterLab's shortcuts go by this code.
 */
export function letterOf({ key, keyCode, code, altKey }: KeyboardEvent): string {
  if (LATIN.test(key)) return key.toLowerCase();
  if (!FOREIGN.test(key) && !(altKey && key.length === 1)) return ""; // Enter, é
  const letter = keyCode ? String.fromCharCode(keyCode) : code.replace(/Key|Digit/, "");
  return /^[A-Z\d]$/.test(letter) ? letter.toLowerCase() : "";
}

/** The key as on a Latin layout: letters and digits choose and move on every layout. */
export function latinKey(event: KeyboardEvent): string {
  return FOREIGN.test(event.key) ? letterOf(event) : event.key;
}

function hasAccel(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey;
}

export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}

export function guardKeyboard(host: HTMLElement, signal: AbortSignal, onSave: () => void): void {
  const suppress = () => host.setAttribute(SUPPRESS, "true");
  const letSavePass = (event: KeyboardEvent) => {
    if (!isSave(event) || !event.composedPath().includes(host)) return;
    onSave();
    const focused = event.target instanceof Element && event.target !== host ? event.target : null;
    const wasSuppressed = focused?.hasAttribute(SUPPRESS) ?? false;
    host.removeAttribute(SUPPRESS);
    focused?.removeAttribute(SUPPRESS);
    // After every listener of this event.
    setTimeout(() => {
      suppress();
      if (wasSuppressed) focused?.setAttribute(SUPPRESS, "true");
    });
  };
  suppress();
  // Embedded widgets are outside the shadow root; there Lumino looks only at the focused element.
  const suppressInside = (event: FocusEvent) => {
    if (event.target instanceof Element) event.target.setAttribute(SUPPRESS, "true");
  };
  host.addEventListener("focusin", suppressInside, { signal });
  const keep = (event: KeyboardEvent) => {
    if (!isSave(event)) event.stopPropagation();
  };
  host.addEventListener("keydown", keep, { signal });
  // On the window, in the capture phase: before Lumino, which listens on the document.
  window.addEventListener("keydown", letSavePass, { capture: true, signal });
}
