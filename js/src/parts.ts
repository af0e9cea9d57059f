/**
 * Code that only some cards need. The kernel names the parts in the trait `parts`, and each part comes once per page.
 *
 * A part shares the libraries of the card: the code is a function that takes `require` (see tools/build.mjs).
 */
import type { AnyModel, RenderProps } from "@anywidget/types";
import * as signals from "@preact/signals";
import * as preact from "preact";
import * as hooks from "preact/hooks";
import * as jsx from "preact/jsx-runtime";
import type * as Batch from "./batch-part";
import type * as Markdown from "./contents/markdown-part";
import { type CardModel, listen } from "./model";

interface Parts {
  batch: typeof Batch;
  markdown: typeof Markdown;
}

type Name = keyof Parts;
type Part = (require: (library: string) => unknown) => Parts[Name];

const LIBRARIES: Record<string, unknown> = {
  preact,
  "preact/hooks": hooks,
  "preact/jsx-runtime": jsx,
  "@preact/signals": signals,
};

/** The loaded parts; `null` until a part has come. */
export const parts: { [K in Name]: signals.Signal<Parts[K] | null> } = {
  batch: signals.signal(null),
  markdown: signals.signal(null),
};

const coming = new Map<string, Promise<void>>();

/** Load the parts that the kernel names, now and later; resolves when the parts named now have come, `null` for none. */
export function loadParts(props: RenderProps, signal: AbortSignal): Promise<unknown> | null {
  const model = props.model as CardModel;
  const load = () => {
    const named = Object.entries(model.get("parts") ?? {}) as [Name, string][];
    if (named.length === 0) return null;
    return Promise.all(named.map(([name, ref]) => coming.get(ref) ?? loadPart(name, ref, props)));
  };
  listen(model, "change:parts", () => void load(), signal);
  return load();
}

function loadPart(name: Name, ref: string, props: RenderProps): Promise<void> {
  const loaded = fetchPart(name, ref, props).catch((error: unknown) => {
    coming.delete(ref); // the next card tries again
    console.warn(`nbhitl: the part "${name}" of the card cannot be loaded`, error);
  });
  coming.set(ref, loaded);
  return loaded;
}

async function fetchPart(name: Name, ref: string, { model, host }: RenderProps): Promise<void> {
  const bundle: AnyModel = host
    ? await host.getModel(ref)
    : await model.widget_manager.get_model(ref.slice("anywidget:".length));
  const url = URL.createObjectURL(new Blob([bundle.get("code")], { type: "text/javascript" }));
  const module: { default: Part } = await import(url);
  (parts[name] as signals.Signal<unknown>).value = module.default((library) => LIBRARIES[library]);
}
