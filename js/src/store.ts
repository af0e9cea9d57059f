/** What the card knows and can do; no drawing here. */
import { type ReadonlySignal, signal as reactive } from "@preact/signals";
import { type Channel, createChannel, type Exchange } from "./channel";
import { createDrafts, type Drafts } from "./drafts";
import { isConnected, isKernelBusy, writeRecord } from "./host";
import { type CardModel, listen } from "./model";
import type { Accepted, Problem, Question, Refused, Snippets, View } from "./protocol";
import { strings } from "./strings";

/** `trying` until the kernel has been heard; only `gone` makes the card read-only. */
export type Link = "trying" | "live" | "busy" | "gone";

/** How far an answer has come: `accepted` lasts until the view shows it. */
export type Delivery = "sending" | "unconfirmed" | "accepted";

/** A text that was written here and not taken, after its question has gone. */
export interface Lost {
  title: string;
  draft: string;
}

export interface Store {
  view: ReadonlySignal<View>;
  link: ReadonlySignal<Link>;
  deliveries: ReadonlySignal<Record<string, Delivery>>;
  refusals: ReadonlySignal<Record<string, Problem>>;
  lost: ReadonlySignal<Record<string, Lost>>;
  draftOf(question: Question): string;
  edit(question: Question, draft: string): void;
  answer(question: Question): void;
  snippets(question: Question): Exchange<Snippets | Refused>;
  flush(): void;
}

export function createStore(model: CardModel, signal: AbortSignal): Store {
  const view = reactive(model.get("view"));
  const link = reactive<Link>("trying");
  const deliveries = reactive<Record<string, Delivery>>({});
  const refusals = reactive<Record<string, Problem>>({});
  const lost = reactive<Record<string, Lost>>({});
  const drafts = createDrafts(model, signal);
  const alive = () => {
    link.value = "live";
  };
  const channel = createChannel(model, signal, alive);
  /** Questions whose answer from this page was taken: what else was sent for them no longer matters. */
  const taken = new Set<string>();

  const draftOf = (question: Question) => drafts.texts.value[question.id] ?? question.field.original;

  function edit(question: Question, draft: string): void {
    drafts.write(question.id, draft === question.field.original ? null : draft);
  }

  function answer(question: Question): void {
    const { id } = question;
    if (link.value === "gone" || isUnderway(deliveries.value[id])) return;
    const draft = draftOf(question);
    drafts.flush();
    taken.delete(id);
    refusals.value = without(refusals.value, id);
    deliveries.value = { ...deliveries.value, [id]: "sending" };
    const { reply, inTime } = channel.ask({ kind: "answer", id, revision: view.value.revision, draft });
    void inTime.then((confirmed) => confirmed || unconfirmed(id));
    void reply.then((message) => settle(question, draft, message));
  }

  function unconfirmed(id: string): void {
    if (deliveries.value[id] === "sending") deliveries.value = { ...deliveries.value, [id]: "unconfirmed" };
  }

  function settle(question: Question, draft: string, message: Accepted | Refused): void {
    if (message.kind === "accepted") accept(question, message);
    else if (!taken.has(question.id)) refuse(question, draft, message.problem);
  }

  function accept({ id }: Question, { request, record }: Accepted): void {
    taken.add(id);
    const rest = without(deliveries.value, id);
    deliveries.value = isOpen(view.value, id) ? { ...rest, [id]: "accepted" } : rest;
    if (record) channel.tell({ kind: "record_outcome", request, outcome: writeRecord(model, record) });
  }

  function refuse({ id, field }: Question, draft: string, problem: Problem): void {
    deliveries.value = without(deliveries.value, id);
    if (isOpen(view.value, id)) refusals.value = { ...refusals.value, [id]: problem };
    else
      lost.value = {
        ...lost.value,
        [id]: { title: problem.message, draft: draft === field.original ? "" : draft },
      };
  }

  function updateView(): void {
    const before = view.value;
    const next = model.get("view");
    alive();
    lost.value = { ...lost.value, ...newlyLost(before, next, drafts, deliveries.value, taken) };
    const open = Object.entries(deliveries.value).filter(
      ([id, delivery]) => delivery !== "accepted" && isOpen(next, id),
    );
    deliveries.value = Object.fromEntries(open);
    view.value = next;
  }

  async function connect(): Promise<void> {
    const { inTime } = channel.ask({ kind: "hello" });
    const connected = await isConnected(model);
    if (connected && (await inTime)) return;
    if (link.value === "live") return;
    link.value = connected && isKernelBusy(model) ? "busy" : "gone";
  }

  const reconnect = () => {
    link.value = "trying";
    void connect();
  };
  listen(model, "change:view", updateView, signal);
  listen(model, "comm_live_update", reconnect, signal);
  void connect();

  const snippets = (question: Question) => requestSnippets(channel, question.id, draftOf(question));
  return { view, link, deliveries, refusals, lost, draftOf, edit, answer, snippets, flush: drafts.flush };
}

export function isUnderway(delivery: Delivery | undefined): boolean {
  return delivery === "sending" || delivery === "accepted";
}

export function isOpen(view: View, id: string): boolean {
  return view.questions.some((question) => question.id === id && question.standing.kind === "open");
}

function requestSnippets(channel: Channel, id: string, draft: string): Exchange<Snippets | Refused> {
  return channel.ask({ kind: "snippets_request", id, draft });
}

/** Texts still being written here, whose question another client has answered. */
function newlyLost(
  before: View,
  next: View,
  drafts: Drafts,
  deliveries: Record<string, Delivery>,
  taken: Set<string>,
): Record<string, Lost> {
  const answered = next.turns.slice(before.turns.length).map((turn) => turn.answer);
  const gone = before.questions.filter(
    ({ id, standing }) => standing.kind === "open" && !next.questions.some((question) => question.id === id),
  );
  const entries = gone.flatMap(({ id, node }): [string, Lost][] => {
    const draft = drafts.texts.value[id];
    const ours = taken.has(id) || id in deliveries || draft === undefined || answered.includes(draft);
    const title = answered.length > 0 ? strings.lost.elsewhere(node) : strings.lost.withdrawn(node);
    return ours ? [] : [[id, { title, draft }]];
  });
  return Object.fromEntries(entries);
}

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}
