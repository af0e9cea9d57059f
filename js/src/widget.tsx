/** The glue: anywidget's view on one side, the card on the other. */
import type { RenderProps } from "@anywidget/types";
import { render as draw } from "preact";
import { Card } from "./card";
import { guardKeyboard } from "./keyboard";
import type { Traits } from "./model";
import { createStore } from "./store";
import css from "./style.css?inline";

function render({ model, el, signal }: RenderProps<Traits>): void {
  // A shadow root: the notebook's styles stay out, and Lumino sees one element (see keyboard.ts).
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const style = document.createElement("style");
  style.textContent = css;
  const mount = document.createElement("div");
  root.append(style, mount);
  el.append(host);

  const store = createStore(model, signal);
  guardKeyboard(host, signal, store.flush);
  draw(<Card store={store} />, mount);
  signal.addEventListener("abort", () => {
    draw(null, mount);
    host.remove();
  });
}

export default { render };
