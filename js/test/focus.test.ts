import { afterEach, expect, test } from "vitest";
import { focusFlaw } from "../src/focus";

afterEach(() => document.body.replaceChildren());

/** A card whose answer was refused, beside a cell with a text field. */
function page() {
  const host = document.createElement("div");
  host.attachShadow({ mode: "open" }).innerHTML =
    '<div class="editor"><input aria-invalid="true"><button></button></div>';
  const cell = document.createElement("textarea");
  document.body.append(host, cell);
  const editor = host.shadowRoot?.querySelector<HTMLElement>(".editor") as HTMLElement;
  return { cell, editor, flawed: editor.querySelector("input"), button: editor.querySelector("button") };
}

test("the flaw of a refused answer gets the focus of the card, or a focus that was lost", () => {
  const { editor, flawed, button } = page();
  focusFlaw(editor);
  expect((editor.getRootNode() as ShadowRoot).activeElement).toBe(flawed);
  button?.focus();
  focusFlaw(editor);
  expect((editor.getRootNode() as ShadowRoot).activeElement).toBe(flawed);
});

test("who types in a cell keeps the focus", () => {
  const { cell, editor } = page();
  cell.focus();
  focusFlaw(editor);
  expect(document.activeElement).toBe(cell);
});
