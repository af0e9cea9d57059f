/**
 * Widgets that the page gives up on a busy machine, such as after a reload, work all the same.
 *
 * - The manager of JupyterLab looks for the model of an output for 2 s. A model that comes later, or at the end of the
 *   2 s, is never drawn: https://github.com/jupyter-widgets/ipywidgets/issues/4026. After a reload, no model is drawn
 *   before all models of the kernel have come.
 * - anywidget lets a model whose code takes longer than 2 s to load hear no message, for ever: the card says that
 *   there is no kernel.
 */
import type { InitializeProps } from "@anywidget/types";
import { type Model, managerOf, shownIn } from "./host";
import type { CardModel } from "./model";
import { showTrimmed } from "./trimmed";

const NOT_FOUND = "Error displaying widget: model not found";
const LOADING = "Loading widget...";

/** Milliseconds after a model has come, and the texts in place of a widget that is not drawn by then. */
const LOOKS: [number, string[]][] = [
  [500, [NOT_FOUND]],
  [2_500, [NOT_FOUND]],
  [10_000, [NOT_FOUND, LOADING]], // not before: the manager may be about to find the model
];

/** The elements of widgets among those of outputs. */
const PLACES = ".lm-Panel.jp-OutputArea-output";

/** Does nothing in a model that hears; anywidget refuses any message to a model that it has given up. */
const PROBE = { content: { data: { method: "" } } };

/** Called for each model that comes into the page, whether the page draws the model or not. */
export function initialize({ model, signal }: InitializeProps): void {
  void hearGivenUp(model as CardModel);
  showTrimmed(model as CardModel, signal);
  for (const [ms, texts] of LOOKS) {
    const timer = setTimeout(drawGivenUp, ms, model, texts);
    signal.addEventListener("abort", () => clearTimeout(timer));
  }
}

/** Let a model hear that anywidget has given up. */
async function hearGivenUp(model: CardModel): Promise<void> {
  let inner: Model | undefined;
  try {
    inner = await managerOf(model).get_model(model.get("widget_id"));
    await inner._handle_comm_msg?.(PROBE);
  } catch {
    if (!inner) return; // the host has no such manager
    const { _handle_comm_msg: heard } = Object.getPrototypeOf(Object.getPrototypeOf(inner)); // before anywidget's
    inner.comm?.on_msg?.((message) => heard?.call(inner, message));
  }
}

/** Draw the widgets whose models have come since the manager has given the widgets up. */
async function drawGivenUp(model: CardModel, texts: string[]): Promise<void> {
  const manager = managerOf(model);
  const notebook = manager?.context?.model;
  const places = Array.from(document.querySelectorAll(PLACES));
  if (!notebook?.cells || !places.some(({ textContent }) => texts.includes(textContent))) return;
  for (const { id, cell, at } of shownIn(notebook)) {
    if (!manager.has_model?.(id)) continue; // a widget of an earlier kernel
    const views = await manager.get_model(id).then(
      (inner) => inner.views,
      () => undefined, // a model whose code cannot be loaded
    );
    const output = cell.outputs.get(at).toJSON?.();
    if (output && views && Object.keys(views).length === 0) cell.outputs.set(at, output);
  }
}
