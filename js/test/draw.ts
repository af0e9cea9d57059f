/** A single component in a page, without a card. */
import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach } from "vitest";
import "./with-parts";

afterEach(() => {
  for (const mount of document.body.children) render(null, mount);
  document.body.replaceChildren();
});

/** Call `doing`, then let all changes be drawn. */
export const settled = (doing: () => void = () => {}) => act(doing) as Promise<void>;

export function drawn(element: ComponentChild) {
  const mount = document.createElement("div");
  document.body.append(mount);
  const draw = (next: ComponentChild) => void act(() => render(next, mount));
  draw(element);
  const all = (selector: string) => [...mount.querySelectorAll<HTMLElement>(selector)];
  const one = (selector: string) => {
    const found = all(selector)[0];
    if (!found) throw new Error(`nothing matches ${selector}`);
    return found;
  };
  const texts = (selector: string) => all(selector).map(({ textContent }) => textContent);
  const click = (selector: string) => settled(() => one(selector).click());
  const type = (selector: string, value: string) =>
    settled(() => {
      (one(selector) as HTMLInputElement).value = value;
      one(selector).dispatchEvent(new Event("input", { bubbles: true }));
    });
  const press = async (selector: string, key: string, init: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
    await settled(() => one(selector).dispatchEvent(event));
    return event;
  };
  return { mount, draw, all, one, texts, click, type, press };
}
