/** Drafts, kept in a trait so that the texts survive a reload of the page. */
import { type ReadonlySignal, signal as reactive } from "@preact/signals";
import type { CardModel } from "./model";
import { listen } from "./model";

export const DEBOUNCE_MS = 150;

export interface Drafts {
  texts: ReadonlySignal<Record<string, string>>;
  /** `null`: nothing differs from the original any more. */
  write(id: string, text: string | null): void;
  /** Drop the texts of questions that are settled: each change sends all that are kept. */
  forget(settled: ReadonlySet<string>): void;
  /** Send the text that is still held back. */
  flush(): void;
}

/** The part of a draft that may be kept, without secrets; `null` where nothing may be kept. */
export type Keep = (id: string, text: string) => string | null;

export function createDrafts(model: CardModel, signal: AbortSignal, keep: Keep = (_, text) => text): Drafts {
  const texts = reactive<Record<string, string>>({ ...model.get("drafts") });
  const unsent = new Map<string, string | null>();
  /** Texts that were typed in this page, as they may be kept. */
  const own = new Map<string, string>();
  /** Texts whose kept form differs from the text in the page. */
  const hidden = new Map<string, { text: string; kept: string | null }>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    if (unsent.size === 0) return;
    const drafts = patched(model.get("drafts"), unsent);
    unsent.clear();
    save(model, drafts);
  }

  /** The text of this page is there again after a reload, also where another page has written since. */
  function leave(): void {
    const kept = model.get("drafts") ?? {};
    for (const [id, text] of own) if (kept[id] !== text && !unsent.has(id)) unsent.set(id, text);
    flush();
  }

  function write(id: string, text: string | null): void {
    const kept = text === null ? null : keep(id, text);
    if (text === null || kept === text) hidden.delete(id);
    else hidden.set(id, { text, kept });
    unsent.set(id, kept);
    if (kept === null) own.delete(id);
    else own.set(id, kept);
    texts.value = revealed(patched(texts.value, unsent), hidden);
    clearTimeout(timer);
    timer = setTimeout(flush, DEBOUNCE_MS);
  }

  function forget(settled: ReadonlySet<string>): void {
    const kept = model.get("drafts") ?? {};
    for (const id of Object.keys(texts.value)) {
      if (!settled.has(id)) continue;
      write(id, null);
      // A text that went out as the answer at once was never sent as a draft.
      if (!(id in kept)) unsent.delete(id);
    }
  }

  // Another page shows the same card, perhaps to another person: take the texts of that page, but never replace a
  // text that was typed here by one that does not hold it.
  const adopt = () => {
    const others = patched(model.get("drafts"), unsent);
    for (const [id, text] of own) {
      const other = others[id];
      if (other?.startsWith(text)) own.set(id, other);
      else others[id] = text;
    }
    for (const [id, { kept }] of hidden) if ((others[id] ?? null) !== kept) hidden.delete(id);
    texts.value = revealed(others, hidden);
  };
  listen(model, "change:drafts", adopt, signal);
  window.addEventListener("pagehide", leave, { signal });
  signal.addEventListener("abort", leave);
  return { texts, write, forget, flush };
}

function patched(
  drafts: Record<string, string> | undefined,
  changes: Map<string, string | null>,
): Record<string, string> {
  const all: Record<string, string | null> = { ...drafts, ...Object.fromEntries(changes) };
  const kept = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(kept);
}

function revealed(
  drafts: Record<string, string>,
  hidden: ReadonlyMap<string, { text: string }>,
): Record<string, string> {
  const texts = Array.from(hidden, ([id, { text }]) => [id, text]);
  return { ...drafts, ...Object.fromEntries(texts) };
}

function save(model: CardModel, drafts: Record<string, string>): void {
  try {
    model.set("drafts", drafts);
    model.save_changes();
  } catch {
    // The kernel is gone. The text stays in the field, and the card shows that the field is read-only.
  }
}
