/**
 * The `_esm` of every card: load the code that all cards of a kernel share, and pass control to that code.
 *
 * A notebook stores `_esm` for each card, so that this file must stay tiny. The code is imported once per
 * page, keyed by the text of the code, so that a newer version, or a version of another kernel, is loaded as
 * well.
 */
import type { AnyModel, InitializeProps, RenderProps } from "@anywidget/types";

type Code = { render(props: RenderProps): void; initialize?(props: InitializeProps): void };
type Module = Promise<{ default: Code }>;

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

function shared({ model, host }: InitializeProps & Partial<RenderProps>): Promise<AnyModel> {
  const ref: string = model.get("bundle");
  return host ? host.getModel(ref) : model.widget_manager.get_model(ref.slice("anywidget:".length));
}

async function codeFor(props: InitializeProps): Promise<Code> {
  const code: string = (await shared(props)).get("code");
  return (await (modules.get(code) ?? load(code))).default;
}

export default {
  initialize(props: InitializeProps) {
    // Not returned: anywidget would wait, and hear no message after 2 s. What fails here, fails in `render` and is told.
    codeFor(props).then(
      (code) => code.initialize?.(props),
      () => {},
    );
  },
  async render(props: RenderProps) {
    return (await codeFor(props)).render(props);
  },
};
