/**
 * The time of an answer, from the first sight of the question, and the number of pressed keys. Not shown in the card:
 * sent with the answer, for people who study their reviews.
 */
import { effect, type ReadonlySignal } from "@preact/signals";
import type { View } from "./protocol";
import { isOpen } from "./views";

export interface Effort {
  seconds: number;
  keys: number;
}

export interface Efforts {
  /** Measure from now on. */
  watch(view: ReadonlySignal<View>): void;
  /** The effort for a question; empty where the question was not seen. */
  of(id: string): Partial<Effort>;
}

const MODIFIERS = ["Alt", "AltGraph", "CapsLock", "Control", "Meta", "Shift"];

export function createEfforts(host: HTMLElement, root: HTMLElement, signal: AbortSignal): Efforts {
  const since = new Map<string, number>();
  const keys = new Map<string, number>();
  let view: ReadonlySignal<View> | null = null;
  let inView = !("IntersectionObserver" in globalThis);

  function look(): void {
    if (!view) return;
    const now = view.value;
    for (const id of since.keys()) if (!isOpen(now, id)) forget(id);
    if (!inView || document.visibilityState === "hidden") return;
    for (const { id } of now.questions)
      if (isOpen(now, id) && !since.has(id)) since.set(id, performance.now());
  }

  function forget(id: string): void {
    since.delete(id);
    keys.delete(id);
  }

  function onKeyDown({ key, target }: KeyboardEvent): void {
    if (MODIFIERS.includes(key) || !(target instanceof Element)) return;
    const id = target.closest<HTMLElement>("[data-question]")?.dataset.question;
    if (id !== undefined) keys.set(id, (keys.get(id) ?? 0) + 1);
  }

  root.addEventListener("keydown", onKeyDown, { capture: true, signal });
  document.addEventListener("visibilitychange", look, { signal });

  return {
    watch(now) {
      view = now;
      signal.addEventListener("abort", effect(look));
      observe(host, signal, (isSeen) => {
        inView = isSeen;
        look();
      });
    },
    of(id) {
      const begun = since.get(id);
      if (begun === undefined) return {};
      return { seconds: Math.round(performance.now() - begun) / 1000, keys: keys.get(id) ?? 0 };
    },
  };
}

function observe(host: HTMLElement, signal: AbortSignal, tell: (isSeen: boolean) => void): void {
  if (!("IntersectionObserver" in globalThis)) return;
  const observer = new IntersectionObserver((entries) => tell(entries.at(-1)?.isIntersecting ?? false));
  observer.observe(host);
  signal.addEventListener("abort", () => observer.disconnect());
}
