/**
 * The `_esm` of every card: load the code that all cards of a kernel share, and pass control to that code.
 *
 * A notebook stores `_esm` for each card, so that this file must stay tiny. The code is imported once per
 * page, keyed by the text of the code, so that a newer version, or a version of another kernel, is loaded as
 * well.
 */
import type { AnyModel, RenderProps } from "@anywidget/types";

type Module = Promise<{ default: { render(props: RenderProps): void } }>;

const KEY = Symbol.for("nbhitl.code");
const page = globalThis as { [KEY]?: Map<string, Module> };
page[KEY] ??= new Map();
const modules = page[KEY];

function load(code: string): Module {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const module: Module = import(url);
  modules.set(code, module);
  module.catch(() => modules.delete(code)); // so that the next card tries again
  return module;
}

function shared({ model, host }: RenderProps): Promise<AnyModel> {
  const ref: string = model.get("bundle");
  return host ? host.getModel(ref) : model.widget_manager.get_model(ref.slice("anywidget:".length));
}

export default {
  async render(props: RenderProps) {
    const code: string = (await shared(props)).get("code");
    const card = await (modules.get(code) ?? load(code));
    return card.default.render(props);
  },
};
