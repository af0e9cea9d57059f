/** Texts that a person typed in this tab, kept by the browser for a reload of the tab. */

export type Typed = Map<string, string | null>;

const keyOf = (card: string) => `nbhitl typed ${card}`;

export function readTyped(card: string): Typed {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(keyOf(card)) ?? "[]"));
  } catch {
    return new Map(); // a frame without rights has no storage
  }
}

/** Keep the texts; a secret is `null`, and not kept. */
export function keepTyped(card: string, typed: Typed): void {
  const kept = [...typed].filter(([, text]) => text !== null);
  try {
    if (kept.length > 0) sessionStorage.setItem(keyOf(card), JSON.stringify(kept));
    else sessionStorage.removeItem(keyOf(card));
  } catch {
    // The kernel has the texts as well, until another page writes.
  }
}
