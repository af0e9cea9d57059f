/** What the card knows and can do; no drawing here. */
import { computed, type ReadonlySignal, signal as reactive } from "@preact/signals";
import { type Batching, withoutBatch } from "./batch";
import { type Asks, createChannel, type Exchange, TIMEOUT_MS } from "./channel";
import { type Checks, createChecks } from "./checks";
import { withoutRulings, withRulings } from "./decisions/ruled";
import { type Delivery, isSent, isUnderway, type Link, type Refusal, without } from "./delivery";
import { createDrafts } from "./drafts";
import type { Effort } from "./effort";
import { createEntries } from "./entries";
import { createGrace } from "./grace";
import { isConnected, isKernelBusy, notebookOf, tellAnswersLast, whyNotRecorded, writeRecord } from "./host";
import { plain } from "./json";
import { Leavers, type Lost } from "./lost";
import { createMissing } from "./missing";
import { type CardModel, listen } from "./model";
import { parts } from "./parts";
import type {
  Accepted,
  AllowRequest,
  AnswersCode,
  Done,
  Late,
  Progress,
  Question,
  Refused,
  Snippets,
  Switched,
  SwitchRequest,
  View,
} from "./protocol";
import { createRemembered, type Remembered } from "./remembered";
import { type Action, createRequests, type Requests } from "./requests";
import { Secrets } from "./secrets";
import * as strings from "./strings";
import { goneFrom, isOpen, settledIn } from "./views";

export interface Store extends Pick<Batching, "flags" | "flag" | "before" | "pace"> {
  view: ReadonlySignal<View>;
  /** Apart from the view, so that what comes ten times a second draws nothing but itself anew. */
  progress: ReadonlySignal<Progress | null>;
  link: ReadonlySignal<Link>;
  deliveries: ReadonlySignal<Record<string, Delivery>>;
  refusals: ReadonlySignal<Record<string, Refusal>>;
  findings: Checks["findings"];
  /** Questions whose form is being switched. */
  switching: ReadonlySignal<Record<string, boolean>>;
  lost: ReadonlySignal<Record<string, Lost>>;
  remembered: Remembered;
  requests: Requests["states"];
  rules: ReadonlySignal<RulesState>;
  revoke(rule: string): void;
  /** Stop the countdown of a question, or let it go on. */
  pause(question: Question, goesOn: boolean): void;
  /** Seconds since 1970, by the kernel's clock. */
  kernelTime(): number;
  /** Approve a call of a question, and from now on those like it. */
  allow(question: Question, body: Pick<AllowRequest, "call" | "scope" | "bounds">): void;
  /** What the editor begins with. */
  startOf(question: Question): string;
  draftOf(question: Question): string;
  edit(question: Question, draft: string): void;
  /** Have the kernel say what the draft would be, once writing pauses. */
  check(question: Question): void;
  /** To JSON in place of the form, or back. */
  switchForm(question: Question, to: SwitchRequest["to"]): void;
  /** Questions whose answer a person keeps out of the notebook. */
  keptOut: ReadonlySignal<Record<string, boolean>>;
  keepOut(question: Question, out: boolean): void;
  answer(question: Question): void;
  /** Leave a question of a batch without an answer. */
  skip(question: Question): void;
  /** Take the last decision of a batch back. */
  takeBack(): void;
  canTakeBack: ReadonlySignal<boolean>;
  /** An answer that is kept back is not sent; its draft stays. */
  release(question: Question): void;
  request(action: Action): void;
  snippets(question: Question): Exchange<Snippets | Refused>;
  /** The answers as source code. */
  code(): Exchange<AnswersCode | Refused>;
  flush(): void;
}

/** Whether a rule is being made or revoked, and why the last of it was refused. */
export interface RulesState {
  isBusy: boolean;
  problem: string | null;
}

/** What a person had before them when they answered, and what the answer took. */
type Seen = { revision: number } & Partial<Effort>;

/** The longest between two hellos to a kernel that does not reply. */
const RARELY_MS = 30_000;

/** `flushWidgets` tells the kernel what stands in widgets within the card, `effortOf` what an answer took. */
export function createStore(
  model: CardModel,
  signal: AbortSignal,
  flushWidgets: () => void = () => {},
  effortOf: (id: string) => Partial<Effort> = () => ({}),
): Store {
  const entries = createEntries(model);
  const all = reactive(entries.view());
  const progress = reactive(entries.progress());
  const link = reactive<Link>("trying");
  const deliveries = reactive<Record<string, Delivery>>({});
  const batching = parts.batch.peek()?.createBatching(all, deliveries) ?? withoutBatch(all);
  const refusals = reactive<Record<string, Refusal>>({});
  const switching = reactive<Record<string, boolean>>({});
  const lost = reactive<Record<string, Lost>>({});
  const rules = reactive<RulesState>({ isBusy: false, problem: null });
  /** Decisions without a person whose record this page has written. */
  const written = new Set<string>();
  /** What was asked of countdowns, and not answered yet. */
  const pausing = new Set<string>();
  /** Seconds by which the kernel's clock is ahead of the page's. */
  let ahead = 0;
  const keptOut = reactive<Record<string, boolean>>({});
  const secrets = new Secrets();
  const keep = (id: string, text: string) => {
    const question = all.value.questions.find((one) => one.id === id);
    const kept = question ? secrets.without(question, text) : text;
    return question && kept === startOf(question) ? null : kept;
  };
  const drafts = createDrafts(model, signal, keep);
  let again: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(again);
    link.value = "live";
  };
  const channel = createChannel(model, signal, alive);
  const askForAll = createMissing(channel, () => entries.isWhole(), redraw);
  const requests = createRequests(channel, all);
  const remembered = createRemembered(notebookOf(model));
  const grace = createGrace(signal);
  const checks = createChecks(channel, signal);
  /** Questions whose answer from this page was taken: what else was sent for them no longer matters. */
  const taken = new Set<string>();
  /** Whether this page has told an answer below the card, so that it sees to where that stands. */
  let tells = false;
  /** Whether the last decision is to be taken back once it has been taken. */
  let wantsBack = false;

  const leavers = new Leavers(drafts, (id) => taken.has(id) || isSent(deliveries.value[id]));

  const draftOf = (question: Question) =>
    withRulings(question, drafts.texts.value[question.id] ?? startOf(question));

  function edit(question: Question, draft: string): void {
    const own = withoutRulings(question, draft);
    drafts.write(question.id, own === startOf(question) ? null : own);
  }

  function askAboutRules(body: Asks<"revoke"> | Asks<"allow">): void {
    if (rules.value.isBusy || link.value === "gone") return;
    rules.value = { isBusy: true, problem: null };
    const { reply, inTime } = channel.ask(body);
    const settle = (message: Done | Refused) => {
      rules.value = { isBusy: false, problem: message.kind === "refused" ? message.problem.message : null };
    };
    void inTime.then((ok) => {
      if (!ok) rules.value = { isBusy: false, problem: strings.requests.unconfirmed };
    });
    void reply.then(settle);
  }

  function pause({ id, deadline }: Question, goesOn: boolean): void {
    const asked = `${id} ${goesOn}`;
    if (!deadline || (deadline.left === null) === goesOn || pausing.has(asked)) return;
    pausing.add(asked);
    void channel.ask({ kind: "pause", id, goes_on: goesOn }).inTime.then(() => pausing.delete(asked));
  }

  /** Write what rules, or the time, decided when the cell had ended: nobody's answer carried it. */
  function recordDecided(next: View): void {
    if (!next.turns.some(({ record }) => record.kind === "recording")) return;
    for (const { request, record } of next.decided ?? []) {
      if (written.has(request)) continue;
      written.add(request);
      const outcome = writeRecord(model, record);
      tells ||= record.output !== null;
      channel.tell({ kind: "record_outcome", request, outcome });
    }
  }

  function answer(question: Question): void {
    const { id } = question;
    if (link.value === "gone" || isUnderway(deliveries.value[id])) return;
    const seen = { revision: all.value.revision, ...effortOf(id) };
    if (remembered.grace.value) keepBack(question, seen);
    else send(question, seen);
  }

  /** Send in a moment, unless something else stands in the editor by then: another page writes there as well. */
  function keepBack(question: Question, seen: Seen): void {
    const { id } = question;
    const draft = draftOf(question);
    refusals.value = without(refusals.value, id);
    deliveries.value = { ...deliveries.value, [id]: "kept" };
    grace.keep(id, () => {
      deliveries.value = without(deliveries.value, id);
      if (link.value !== "gone" && draftOf(question) === draft) send(question, seen);
    });
  }

  function release({ id }: Question): void {
    if (deliveries.value[id] !== "kept") return;
    grace.drop(id);
    deliveries.value = without(deliveries.value, id);
  }

  function skip(question: Question): void {
    const { id } = question;
    if (link.value === "gone" || isUnderway(deliveries.value[id])) return;
    send(question, { revision: all.value.revision, ...effortOf(id) }, true);
  }

  function send(question: Question, seen: Seen, skipped = false): void {
    const { id } = question;
    const item = batching.marks(question, skipped);
    const draft = draftOf(question);
    drafts.flush();
    flushWidgets();
    taken.delete(id);
    refusals.value = without(refusals.value, id);
    deliveries.value = { ...deliveries.value, [id]: "sending" };
    const why = whyNotRecorded(model);
    const record = { ...(keptOut.value[id] && { record: false }), ...(why !== null && { why_not: why }) };
    const { reply, inTime } = channel.ask({
      kind: "answer",
      id,
      draft,
      ...seen,
      ...record,
      ...(item && { item }),
    });
    void inTime.then((confirmed) => confirmed || unconfirmed(id));
    void reply.then((message) => settle(question, draft, message));
  }

  /** As soon as the answers of this page are taken: else it would be one before them. */
  function takeDecisionBack(): void {
    const isUnderway =
      Object.keys(deliveries.value).length > 0 ||
      all.value.phase.kind === "running" ||
      all.value.questions.some(({ standing }) => standing.kind === "held"); // behind an answer just sent
    wantsBack = isUnderway;
    if (!isUnderway && all.value.ask_again) requests.send("ask_again");
  }

  function unconfirmed(id: string): void {
    if (deliveries.value[id] === "sending") deliveries.value = { ...deliveries.value, [id]: "unconfirmed" };
  }

  function settle(question: Question, draft: string, message: Accepted | Refused): void {
    if (message.kind === "accepted") accept(question, message);
    else if (!taken.has(question.id)) refuse(question, draft, message);
  }

  function accept({ id }: Question, { request, record }: Accepted): void {
    taken.add(id);
    // A quick node may already have asked again by now: then the view has shown the answer, and this one is open.
    if (id in deliveries.value) deliveries.value = { ...deliveries.value, [id]: "accepted" };
    if (!record) return;
    const outcome = writeRecord(model, record);
    tells ||= record.output !== null;
    // What was to be forgotten, and is, is told of already.
    if (!record.forget || outcome.kind !== "recorded")
      channel.tell({ kind: "record_outcome", request, outcome });
  }

  /** Of an answer that another client overtook nothing stays but its text. */
  function takeBack({ id, record }: Late, before: View): void {
    if (before.late?.some((one) => one.id === id)) return;
    taken.delete(id);
    deliveries.value = without(deliveries.value, id);
    if (record) writeRecord(model, record);
  }

  function refuse(question: Question, draft: string, { problem, flaws }: Refused): void {
    const { id } = question;
    deliveries.value = without(deliveries.value, id);
    const written = draft === startOf(question) ? "" : draft;
    if (!isOpen(all.value, id)) {
      lost.value = { ...lost.value, [id]: { title: problem.message, draft: written } };
      return;
    }
    if (flaws.length > 0) checks.refused(id, flaws);
    refusals.value = { ...refusals.value, [id]: { problem, draft } };
  }

  function switchForm(question: Question, to: SwitchRequest["to"]): void {
    const { id } = question;
    if (link.value === "gone" || switching.value[id]) return;
    const draft = draftOf(question);
    switching.value = { ...switching.value, [id]: true };
    refusals.value = without(refusals.value, id);
    const { reply, inTime } = channel.ask({ kind: "switch", id, draft: plain(draft), to });
    void inTime.then(() => {
      switching.value = without(switching.value, id);
    });
    void reply.then((message) => switched(question, draft, message));
  }

  /** The draft goes over to the other form, unless something else was written meanwhile. */
  function switched(question: Question, before: string, message: Switched | Refused): void {
    const now = all.value.questions.find(({ id }) => id === question.id) ?? question;
    if (message.kind === "refused") refuse(now, before, message);
    else if (draftOf(question) === before) edit(now, message.draft);
  }

  function redraw(): void {
    progress.value = entries.progress();
    updateView();
  }

  function updateView(): void {
    const before = all.value;
    const next = entries.view();
    alive();
    askForAll();
    for (const late of next.late ?? []) takeBack(late, before);
    recordDecided(next);
    const left = { ...lost.value, ...leavers.update(before, next) };
    lost.value = Object.fromEntries(Object.entries(left).filter(([id]) => !isOpen(next, id)));
    const open = Object.entries(deliveries.value).filter(
      ([id, delivery]) => delivery !== "accepted" && isOpen(next, id),
    );
    for (const id of Object.keys(deliveries.value)) if (!isOpen(next, id)) grace.drop(id);
    deliveries.value = Object.fromEntries(open);
    for (const id of taken) if (isOpen(next, id) && !isOpen(before, id)) taken.delete(id); // asked again
    requests.update(before, next);
    checks.update(next);
    all.value = next;
    drafts.forget(next.batch ? goneFrom(next, drafts.texts.value) : settledIn(next));
    if (wantsBack) takeDecisionBack();
    // What a node showed in the cell has come before the view that tells of the node's end.
    if (tells && !next.stop) tellAnswersLast(model, next);
  }

  /** Say hello until the kernel is heard of: where it has much to do, one may be lost, and no other message come. */
  async function connect(patience = TIMEOUT_MS): Promise<void> {
    const { reply, inTime } = channel.ask({ kind: "hello" });
    void reply.then(({ revision, now }) => {
      if (now !== undefined) ahead = now - Date.now() / 1000;
      askForAll(revision > all.value.revision);
    });
    const connected = await isConnected(model);
    if (connected && (await inTime)) return;
    if (link.value === "live" || signal.aborted) return;
    link.value = connected && isKernelBusy(model) ? "busy" : "gone";
    clearTimeout(again);
    if (connected) again = setTimeout(() => void connect(Math.min(2 * patience, RARELY_MS)), patience);
  }

  signal.addEventListener("abort", () => clearTimeout(again));

  const reconnect = () => {
    clearTimeout(again);
    link.value = "trying";
    void connect();
  };
  listen(model, "change:view", updateView, signal);
  listen(
    model,
    "change:progress",
    () => {
      progress.value = entries.progress();
      askForAll();
    },
    signal,
  );
  listen(model, "comm_live_update", reconnect, signal);
  void connect();
  recordDecided(all.value);

  const snippets = (question: Question) =>
    channel.ask({ kind: "snippets_request", id: question.id, draft: draftOf(question) });
  const canTakeBack = computed(() => all.value.ask_again || Object.keys(deliveries.value).length > 0);
  return {
    flags: batching.flags,
    flag: batching.flag,
    before: batching.before,
    pace: batching.pace,
    skip,
    takeBack: takeDecisionBack,
    canTakeBack,
    view: batching.shown,
    progress,
    link,
    deliveries,
    refusals,
    findings: checks.findings,
    switching,
    lost,
    remembered,
    requests: requests.states,
    rules,
    revoke: (rule) => askAboutRules({ kind: "revoke", rule }),
    pause,
    kernelTime: () => Date.now() / 1000 + ahead,
    allow: ({ id }, body) => askAboutRules({ kind: "allow", id, revision: all.value.revision, ...body }),
    startOf,
    draftOf,
    edit,
    check: (question) => checks.check(question, draftOf(question)),
    switchForm,
    keptOut,
    keepOut: ({ id }, out) => {
      keptOut.value = { ...keptOut.value, [id]: out };
    },
    answer,
    release,
    request: requests.send,
    snippets,
    code: () => channel.ask({ kind: "code_request" }),
    flush: drafts.flush,
  };
}

/** Where the question was asked before, what was answered then. */
function startOf({ field, former }: Question): string {
  return former?.answer ?? field.original;
}

/** Whether nothing can be changed in a question for now. */
export function isLocked({ link, deliveries, switching }: Store, { id }: Question): boolean {
  return link.value === "gone" || isUnderway(deliveries.value[id]) || (switching.value[id] ?? false);
}
