/** A card drawn in a page, anew for each test, under a clock that only the test moves. */
import type { RenderProps } from "@anywidget/types";
import { afterEach, beforeEach, vi } from "vitest";
import type { Traits } from "../src/model";
import type { View } from "../src/protocol";
import widget from "../src/widget";
import { type FakeModel, fakeModel, welcoming } from "./fake";
import "./with-parts";

let end = new AbortController();
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  endView();
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
  vi.useRealTimers();
});

export const endView = () => {
  end.abort();
  end = new AbortController();
};

/** Move the clock just enough for promises, renderings and effects. */
export const settle = () => vi.advanceTimersByTimeAsync(50);

export async function show(fake: FakeModel) {
  const el = document.createElement("div");
  document.body.append(el);
  widget.render({ model: fake.model, el, signal: end.signal } as unknown as RenderProps<Traits>);
  await settle();
  return page(el);
}

export async function shown(view: Partial<View> = {}, drafts: Record<string, string> = {}) {
  const fake = welcoming(fakeModel(view, drafts));
  return { fake, ...(await show(fake)) };
}

function page(el: HTMLElement) {
  const root = el.firstElementChild?.shadowRoot as ShadowRoot;
  const all = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)];
  const one = (selector: string) => {
    const found = all(selector)[0];
    if (!found) throw new Error(`nothing matches ${selector}`);
    return found;
  };
  const field = () => one("textarea") as HTMLTextAreaElement;
  const type = async (value: string) => {
    field().value = value;
    field().dispatchEvent(new Event("input", { bubbles: true }));
    await settle();
  };
  const click = async (selector: string) => {
    one(selector).click();
    await settle();
  };
  /** Unfold everything about the machine. */
  const more = () => click(".more");
  const text = (selector: string) => all(selector).map((element) => element.textContent);
  return { el, root, all, one, field, type, click, more, text };
}
