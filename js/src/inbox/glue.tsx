/** The inbox as a widget: connects traits with the list. */
import type { AnyModel, RenderProps } from "@anywidget/types";
import { signal as signalOf } from "@preact/signals";
import { render as draw } from "preact";
import { newRequest } from "../channel";
import { Embedding, embedIn } from "../embed";
import { initialize } from "../given-up";
import { Person } from "../identity";
import { guardKeyboard } from "../keyboard";
import type { CardModel } from "../model";
import { INBOX, showOnce } from "../outputs";
import type { InboxHead, InboxMessage, InboxRow, OpenedThread } from "../protocol";
import * as strings from "../strings";
import base from "../style/base.css?inline";
import card from "../style/card.css?inline";
import css from "../style/inbox.css?inline";
import { Inbox } from "./inbox";
import type { InboxState } from "./opened";

interface InboxTraits {
  inbox: InboxHead;
  rows: InboxRow[];
  cards: Record<string, OpenedThread>;
}

/** The kernel looks at the threads for a while after each sign of a page that shows them. */
const SEEN_EVERY_MS = 10_000;

/** A page that nobody has looked at for so long answers nothing any more. */
const AWAY_MS = 5 * 60_000;

function render({ model: given, el, signal }: RenderProps): void {
  const model = given as AnyModel<InboxTraits>;
  const host = document.createElement("div");
  host.className = INBOX;
  host.tabIndex = -1; // a card that has ended leaves the focus here, and not to the cell: the next thread is near
  host.style.outline = "none";
  host.style.setProperty("--nbhitl-record", "none"); // no answer here is recorded: no card needs to say so
  const root = host.attachShadow({ mode: "open" });
  const style = document.createElement("style");
  style.textContent = [base, card, css].join("\n");
  const mount = document.createElement("div");
  root.append(style, mount);
  el.append(host);

  const { embed, flush } = embedIn(given as CardModel, host);
  guardKeyboard(host, signal, flush);
  showOnce();
  const head = follow(model, "inbox", signal);
  const send = (message: InboxMessage) => {
    try {
      model.send(message);
    } catch {
      head.value = { ...head.value, problem: strings.inbox.noKernel };
    }
  };
  const state: InboxState = {
    head,
    rows: follow(model, "rows", signal),
    cards: follow(model, "cards", signal),
    open: (thread, together) => send({ kind: "open_thread", thread, together: [...together] }),
    shows: (threads) => {
      opened = [...threads];
      tell();
    },
  };
  const page = newRequest();
  let opened: string[] = [];
  let visibleAt = Date.now();
  const person = new Person(given as CardModel);
  const tell = () =>
    send({ kind: "inbox_seen", page, open: opened, ...(person.name && { by: person.name }) });
  const seen = () => {
    if (document.visibilityState === "visible") visibleAt = Date.now();
    // A person who looks something up in another tab still has the question here in hand.
    else if (opened.length === 0 || Date.now() - visibleAt > AWAY_MS) return;
    tell();
  };
  const timer = setInterval(seen, SEEN_EVERY_MS);
  document.addEventListener("visibilitychange", seen, { signal });
  seen();
  draw(
    <Embedding.Provider value={embed}>
      <Inbox state={state} />
    </Embedding.Provider>,
    mount,
  );
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    opened = [];
    tell();
    draw(null, mount);
    host.remove();
  });
}

export default { initialize, render };

function follow<K extends keyof InboxTraits>(model: AnyModel<InboxTraits>, key: K, ends: AbortSignal) {
  const value = signalOf(model.get(key));
  const set = () => {
    value.value = model.get(key);
  };
  model.on(`change:${key}`, set);
  ends.addEventListener("abort", () => model.off(`change:${key}`, set));
  return value;
}
