/** What the card knows and can do; no drawing here. */
import { type ReadonlySignal, signal as reactive } from "@preact/signals";
import { type Channel, createChannel, type Exchange } from "./channel";
import { createDrafts } from "./drafts";
import { isConnected, isKernelBusy, writeRecord } from "./host";
import { Leavers, type Lost } from "./lost";
import { type CardModel, listen } from "./model";
import type { Accepted, Problem, Progress, Question, Refused, Snippets, View } from "./protocol";
import { type Action, createRequests, type Requests } from "./requests";

/** `trying` until the kernel has been heard; only `gone` makes the card read-only. */
export type Link = "trying" | "live" | "busy" | "gone";

/** How far an answer has come: `accepted` lasts until the view shows it. */
export type Delivery = "sending" | "unconfirmed" | "accepted";

export interface Store {
  view: ReadonlySignal<View>;
  /** Apart from the view, so that what comes ten times a second draws nothing but itself anew. */
  progress: ReadonlySignal<Progress | null>;
  link: ReadonlySignal<Link>;
  deliveries: ReadonlySignal<Record<string, Delivery>>;
  refusals: ReadonlySignal<Record<string, Problem>>;
  lost: ReadonlySignal<Record<string, Lost>>;
  requests: Requests["states"];
  /** What the editor begins with. */
  startOf(question: Question): string;
  draftOf(question: Question): string;
  edit(question: Question, draft: string): void;
  answer(question: Question): void;
  request(action: Action): void;
  snippets(question: Question): Exchange<Snippets | Refused>;
  flush(): void;
}

export function createStore(model: CardModel, signal: AbortSignal): Store {
  const view = reactive(model.get("view"));
  const progress = reactive(progressOf(model));
  const link = reactive<Link>("trying");
  const deliveries = reactive<Record<string, Delivery>>({});
  const refusals = reactive<Record<string, Problem>>({});
  const lost = reactive<Record<string, Lost>>({});
  const drafts = createDrafts(model, signal);
  const alive = () => {
    link.value = "live";
  };
  const channel = createChannel(model, signal, alive);
  const requests = createRequests(channel, view);
  /** Questions whose answer from this page was taken: what else was sent for them no longer matters. */
  const taken = new Set<string>();

  const leavers = new Leavers(drafts, (id) => taken.has(id) || id in deliveries.value);

  const draftOf = (question: Question) => drafts.texts.value[question.id] ?? startOf(question);

  function edit(question: Question, draft: string): void {
    drafts.write(question.id, draft === startOf(question) ? null : draft);
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
    // A quick node may already have asked again by now: then the view has shown the answer, and this one is open.
    if (id in deliveries.value) deliveries.value = { ...deliveries.value, [id]: "accepted" };
    if (record) channel.tell({ kind: "record_outcome", request, outcome: writeRecord(model, record) });
  }

  function refuse(question: Question, draft: string, problem: Problem): void {
    const { id } = question;
    deliveries.value = without(deliveries.value, id);
    const written = draft === startOf(question) ? "" : draft;
    if (isOpen(view.value, id)) refusals.value = { ...refusals.value, [id]: problem };
    else lost.value = { ...lost.value, [id]: { title: problem.message, draft: written } };
  }

  function updateView(): void {
    const before = view.value;
    const next = model.get("view");
    alive();
    const left = { ...lost.value, ...leavers.update(before, next) };
    lost.value = Object.fromEntries(Object.entries(left).filter(([id]) => !isOpen(next, id)));
    const open = Object.entries(deliveries.value).filter(
      ([id, delivery]) => delivery !== "accepted" && isOpen(next, id),
    );
    deliveries.value = Object.fromEntries(open);
    for (const id of taken) if (isOpen(next, id) && !isOpen(before, id)) taken.delete(id); // asked again
    requests.update(before, next);
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
  listen(
    model,
    "change:progress",
    () => {
      progress.value = progressOf(model);
    },
    signal,
  );
  listen(model, "comm_live_update", reconnect, signal);
  void connect();

  const snippets = (question: Question) => requestSnippets(channel, question.id, draftOf(question));
  return {
    view,
    progress,
    link,
    deliveries,
    refusals,
    lost,
    requests: requests.states,
    startOf,
    draftOf,
    edit,
    answer,
    request: requests.send,
    snippets,
    flush: drafts.flush,
  };
}

/** Where the question was asked before, what was answered then. */
function startOf({ field, former }: Question): string {
  return former?.answer ?? field.original;
}

/** `null` until the kernel has written any. */
function progressOf(model: CardModel): Progress | null {
  const progress = model.get("progress");
  return progress.kind ? progress : null;
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

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}
