/** Drafts, kept in a trait so that the texts survive a reload of the page. */
import { type ReadonlySignal, signal as reactive } from "@preact/signals";
import type { CardModel } from "./model";
import { listen } from "./model";
import { keepTyped, readTyped } from "./typed";

export const DEBOUNCE_MS = 150;

export interface Drafts {
  texts: ReadonlySignal<Record<string, string>>;
  /** `null`: the text is the original again. `isTyped`: whether the person at this page typed the text. */
  write(id: string, text: string | null, isTyped?: boolean): void;
  /** Whether the text of a question was typed in this page. */
  isTyped(id: string): boolean;
  /** Drop the texts of questions that are settled: each change sends all kept texts. */
  forget(settled: ReadonlySet<string>): void;
  /** Send the text that is still held back. */
  flush(): void;
}

/** The part of a draft that may be kept, without secrets; `null` where nothing may be kept. */
export type Keep = (id: string, text: string) => string | null;

export function createDrafts(model: CardModel, signal: AbortSignal, keep: Keep = (_, text) => text): Drafts {
  /** Texts that were typed in this page, without secrets; `null` where nothing may be kept. */
  const own = readTyped(model.get("widget_id"));
  let isOwnKept = true;
  const texts = reactive(patched(model.get("drafts"), own));
  const unsent = new Map<string, string | null>();
  /** Texts whose kept form differs from the text in the page. */
  const hidden = new Map<string, { text: string; kept: string | null }>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    // Another view of this tab keeps the texts under the same key: a view without changes leaves the key alone.
    if (!isOwnKept) keepTyped(model.get("widget_id"), own);
    isOwnKept = true;
    if (unsent.size === 0) return;
    const drafts = patched(model.get("drafts"), unsent);
    unsent.clear();
    save(model, drafts);
  }

  function write(id: string, text: string | null, isTyped = true): void {
    const kept = text === null ? null : keep(id, text);
    if (text === null || kept === text) hidden.delete(id);
    else hidden.set(id, { text, kept });
    unsent.set(id, kept);
    if (text === null || !isTyped) own.delete(id);
    else own.set(id, kept);
    isOwnKept = false;
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
  // text that was typed here, unless another window goes on with the same text, most likely of the same person.
  const adopt = () => {
    const others = patched(model.get("drafts"), unsent);
    for (const [id, text] of own) {
      const other = others[id];
      if (text === null) delete others[id];
      else if (
        text === "" ||
        other === text ||
        hidden.has(id) ||
        document.hasFocus() ||
        !other?.startsWith(text)
      )
        others[id] = text;
      else isOwnKept = !own.delete(id);
    }
    for (const [id, { kept }] of hidden) if (!own.has(id) && (others[id] ?? null) !== kept) hidden.delete(id);
    texts.value = revealed(others, hidden);
  };
  listen(model, "change:drafts", adopt, signal);
  window.addEventListener("pagehide", flush, { signal });
  signal.addEventListener("abort", flush);
  return { texts, write, isTyped: (id) => own.has(id), forget, flush };
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
