/** The glue between anywidget's view and the card. */
import type { InitializeProps, RenderProps } from "@anywidget/types";
import { computed, effect } from "@preact/signals";
import { render as draw } from "preact";
import { tellElsewhere } from "./attention";
import { Card } from "./card";
import { Typesetting } from "./contents/math";
import { createEfforts } from "./effort";
import { Embedding, embedIn } from "./embed";
import { focusWaiting } from "./focus";
import { initialize as drawGivenUp } from "./given-up";
import { isWaiting, titleOf } from "./header";
import { typesetterOf } from "./host";
import { writeKept } from "./kept-records";
import { guardKeyboard } from "./keyboard";
import type { Traits } from "./model";
import { CARD, showOnce } from "./outputs";
import { loadParts, parts } from "./parts";
import { createStore } from "./store";
import base from "./style/base.css?inline";
import card from "./style/card.css?inline";
import contents from "./style/contents.css?inline";
import decisions from "./style/decisions.css?inline";
import forms from "./style/forms.css?inline";
import progress from "./style/progress.css?inline";
import question from "./style/question.css?inline";
import rules from "./style/rules.css?inline";
import texts from "./style/texts.css?inline";
import { tellWaiting } from "./waiting";
import { bringBack } from "./windowed";

const STYLES = [base, card, question, progress, texts, forms, contents, decisions, rules];

/** A card is drawn without parts that are slow to come, but the card of a batch never asks all its questions at once. */
const PATIENCE_MS = 2_000;

async function render(props: RenderProps): Promise<void> {
  const coming = loadParts(props, props.signal);
  if (coming && "batch" in props.model.get("parts")) await coming;
  else if (coming) await Promise.race([coming, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  if (!props.signal.aborted) renderCard(props as RenderProps<Traits>);
}

function renderCard({ model, el, signal }: RenderProps<Traits>): void {
  // A shadow root: the notebook's styles stay out, and Lumino sees a single element (see keyboard.ts).
  const host = document.createElement("div");
  host.className = CARD;
  const root = host.attachShadow({ mode: "open" });
  const style = document.createElement("style");
  const unstyle = effect(() => {
    const ofParts = [parts.batch, parts.markdown].map((part) => part.value?.css);
    style.textContent = [...STYLES, ...ofParts].join("\n");
  });
  const mount = document.createElement("div");
  root.append(style, mount);
  el.append(host);

  const { embed, flush } = embedIn(model, host);
  const efforts = createEfforts(host, mount, signal);
  const store = createStore(model, signal, flush, efforts.of);
  guardKeyboard(host, signal, store.flush);
  showOnce();
  const go = () => focusWaiting(mount.querySelector<HTMLElement>(".card"));
  const waits = computed(() => isWaiting(store));
  tellWaiting(host, waits, go, signal, () => bringBack(model, host));
  const title = () => titleOf(store.view.peek());
  tellElsewhere({ waits, title, alerts: store.remembered }, go, signal);
  efforts.watch(store.view);
  draw(
    <Embedding.Provider value={embed}>
      <Typesetting.Provider value={typesetterOf(model)}>
        <Card store={store} />
      </Typesetting.Provider>
    </Embedding.Provider>,
    mount,
  );
  signal.addEventListener("abort", () => {
    unstyle();
    draw(null, mount);
    host.remove();
  });
}

function initialize(props: InitializeProps): void {
  drawGivenUp(props);
  writeKept(props as InitializeProps<Traits>);
}

export default { initialize, render };
